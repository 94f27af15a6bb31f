import { i18n } from "@lingui/core";

/** Minutes and seconds, or with hours: 2:14, 1:02:14. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** An amount in cents with its currency; whole amounts without the cents. */
export function money(cents: number, currency: string): string {
  return i18n.number(cents / 100, {
    style: "currency",
    currency: currency || "EUR",
    minimumFractionDigits: cents % 100 ? 2 : 0,
    maximumFractionDigits: cents % 100 ? 2 : 0,
  });
}

/** How a language writes numbers. */
export function separators(locale: string): { decimal: string; group: string } {
  const parts = new Intl.NumberFormat(locale).formatToParts(12345678.9);
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return { decimal: of("decimal"), group: of("group") };
}

const near = ["EUR", "RON", "MDL", "USD", "GBP", "CHF", "UAH", "PLN", "HUF", "BGN", "TRY"];

/** The codes of all currencies; those used around here first, and also is one of them, whatever it is. */
export function currencies(also: string): string[] {
  return [...new Set([...near, also, ...Intl.supportedValuesOf("currency")])].filter(Boolean);
}

/** Today's time, this year's day, or the whole date: as short as it stays clear. */
export function when(at: string | Date, now = new Date()): string {
  const date = new Date(at);
  if (date.toDateString() === now.toDateString()) return i18n.date(date, { hour: "2-digit", minute: "2-digit" });
  if (date.getFullYear() === now.getFullYear()) return i18n.date(date, { day: "numeric", month: "short" });
  return i18n.date(date, { day: "numeric", month: "short", year: "numeric" });
}

export function fullDate(at: string | Date): string {
  return i18n.date(new Date(at), { dateStyle: "medium", timeStyle: "short" });
}

/** A day, with its year when that is not this one. */
export function day(at: string | Date, now = new Date()): string {
  const date = new Date(at);
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return i18n.date(date, { weekday: year ? undefined : "short", day: "numeric", month: "short", year });
}

export function fileSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return i18n.number(bytes / 1000 ** step, {
    style: "unit",
    unit: units[step],
    unitDisplay: "narrow",
    maximumFractionDigits: step ? 1 : 0,
  });
}

const shortCodes = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/; // country codes of one or two digits

/** A number as people read it: country code, then groups of three. Only the grouping changes. */
export function phone(number: string): string {
  if (!/^\+\d{7,}$/.test(number)) return number;
  const code = shortCodes.exec(number)?.[0] ?? number.slice(0, 4);
  const rest = number.slice(code.length);
  return [code, ...(rest.match(/\d{3}(?!\d$)|\d{1,4}$/g) ?? [rest])].join(" ");
}

/** Whether a Go time is unset. */
export function unset(at: string | undefined): boolean {
  return !at || at.startsWith("0001-");
}
