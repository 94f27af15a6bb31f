import type { components } from "~/api/schema";

export type Schedule = components["schemas"]["Schedule"];
export type WorkingHours = components["schemas"]["WorkingHours"];
export type Span = components["schemas"]["Span"];
export type Holiday = components["schemas"]["Holiday"];

/** The days as the server names them, Monday first. */
export const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** What most offices have: the first proposal. */
export const office: WorkingHours = { days: week.slice(0, 5), from: "09:00", to: "18:00" };

/** A day's short name. */
export function dayName(day: string, locale: string): string {
  const date = new Date(Date.UTC(2024, 0, 1 + week.indexOf(day))); // a Monday and those after it
  return new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(date);
}

/** Days in words, those that follow each other together: "Mon–Fri". */
export function daysText(days: readonly string[], locale: string): string {
  const runs: number[][] = [];
  for (const at of days.map((d) => week.indexOf(d)).sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.at(-1) === at - 1) last.push(at);
    else runs.push([at]);
  }
  const name = (at: number | undefined) => dayName(week[at ?? 0]!, locale);
  return runs
    .map((run) => (run.length > 2 ? `${name(run[0])}–${name(run.at(-1))}` : run.map(name).join(", ")))
    .join(", ");
}

/** A week in words: "Mon–Fri 09:00–18:00, Sat 10:00–14:00". */
export function hoursText({ hours }: Pick<Schedule, "hours">, locale: string): string {
  return hours.map((h) => `${daysText(h.days, locale)} ${h.from}–${h.to}`).join(", ");
}

/** Fields for a time know no 24:00: what ends at midnight shows 00:00. */
export const shownEnd = (to: string): string => (to === "24:00" ? "00:00" : to);
export const keptEnd = (to: string): string => (to === "00:00" ? "24:00" : to);

/** A holiday's date as a field shows it: one of every year in the next year that has it. */
export function shownDate(date: string, year: number): string {
  if (date.length !== 5) return date;
  const leaps = date === "02-29";
  while (leaps && new Date(Date.UTC(year, 1, 29)).getUTCMonth() !== 1) year++;
  return `${year}-${date}`;
}

/** The zone of this browser, as the server takes it. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones, the one that is chosen too. */
export const zones = (chosen: string): string[] => [...new Set([chosen, ...Intl.supportedValuesOf("timeZone")])];
