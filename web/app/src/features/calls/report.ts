import { i18n } from "@lingui/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components, operations } from "~/api/schema";

export type Report = components["schemas"]["CallReport"] & { by: By };
export type Row = components["schemas"]["CallReportRow"];
export type Sums = components["schemas"]["CallSums"];
export type Asked = NonNullable<operations["get-reports-calls"]["parameters"]["query"]>;
export type By = NonNullable<Asked["by"]>;
export const periods = ["today", "week", "month", "days30", "year", "own"] as const;
export type Period = (typeof periods)[number];

/** What calls came to, and by what they are counted: what was read before stays until what one asks for is there. */
export function useReport(query: Asked) {
  return useQuery({
    queryKey: ["report", query],
    queryFn: async ({ signal }): Promise<Report> => ({
      ...(await ok(api.GET("/api/v1/reports/calls", { params: { query }, signal }))),
      by: query.by ?? "day",
    }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** A day as the API writes it: 2026-12-24. */
export function iso(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The first and the last day of a period that ends today. */
export function span(period: Exclude<Period, "own">, today = new Date()): { from: string; until: string } {
  const before = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  const first = {
    today,
    week: before(6),
    month: new Date(today.getFullYear(), today.getMonth(), 1),
    days30: before(29),
    year: before(364),
  }[period];
  return { from: iso(first), until: iso(today) };
}

/** A part of a whole as people read it; nothing of nothing. */
export function share(part: number, whole: number): string {
  return whole ? i18n.number(part / whole, { style: "percent", maximumFractionDigits: 0 }) : "";
}

/** Seconds each on the average; undefined of none. */
export const mean = (seconds: number, calls: number) => (calls ? seconds / calls : undefined);

/**
 * A table as a file that Excel opens in any language: quoted, with a byte order mark. What a spreadsheet would take for a formula begins with an
 * apostrophe (OWASP, CSV injection); a number of ours, which begins with a plus, does too.
 */
export function csv(lines: (string | number)[][]): string {
  const cell = (v: string | number) => {
    const text = typeof v === "string" && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v);
    return `"${text.replaceAll('"', '""')}"`;
  };
  return `\uFEFF${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Has the browser keep a text as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
