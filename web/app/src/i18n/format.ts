import { i18n } from "@lingui/core";

/** Minutes and seconds, or with hours: 2:14, 1:02:14. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** How many decimals a currency is written with (ISO 4217): 2 of most, 0 of the yen, 3 of the Kuwaiti dinar. */
export function decimals(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

/** An amount, in hundredths of its currency's unit whichever that is, as one may have typed it: whole where nothing smaller is used. */
export function typed(hundredths: number, currency: string): number {
  return decimals(currency) === 0 ? Math.round(hundredths / 100) * 100 : Math.round(hundredths);
}

/** An amount, in hundredths of its currency's unit, with its currency; whole amounts without decimals. */
export function money(hundredths: number, currency: string): string {
  const of = currency || "EUR";
  const amount = typed(hundredths, of);
  const digits = amount % 100 ? decimals(of) : 0;
  return i18n.number(amount / 100, {
    style: "currency",
    currency: of,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
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
