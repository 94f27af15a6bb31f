import { msg } from "@lingui/core/macro";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import type { Words } from "~/app/words";

export type Rules = components["schemas"]["Rules"];
export type Limits = components["schemas"]["Limits"];
export type Exception = components["schemas"]["Exception"];
export type Stop = components["schemas"]["Stop"];

export const limitsKey = ["outbound-limits"];
export const stopsKey = ["outbound-stops"];

export const readLimits = () => ok(api.GET("/api/v1/outbound/limits"));
export const saveLimits = (body: Rules) => ok(api.PUT("/api/v1/outbound/limits", { body }));
export const readStops = async () => (await ok(api.GET("/api/v1/outbound/stops"))).items;
export const allow = (id: string) => ok(api.DELETE("/api/v1/outbound/stops/{id}", { params: { path: { id } } }));

export const unlimited: Limits = { together: 0, per_minute: 0, minutes: 0, spend: 0 };

/** Why somebody's calls out were stopped. */
export const stopReasons: Words = {
  abroad: msg`unusually many calls to other countries within an hour`,
  together: msg`again and again more calls at once than allowed`,
  per_minute: msg`again and again more calls a minute than allowed`,
  minutes: msg`again and again calls after the minutes of the day were used up`,
  spend: msg`again and again calls after the money of the day was used up`,
};

/** Rates as they are typed: a line each, the beginning of a number and the price of a minute. */
export const ratesText = (rates: Rules["rates"]) => rates.map((r) => `${r.prefix} ${r.price}`).join("\n");

/** What was typed; undefined when a line is none. */
export function ratesOf(text: string): Rules["rates"] | undefined {
  const lines = text.split("\n").filter((line) => line.trim());
  const rates = lines.map((line) => {
    const [, prefix, price] = /^\s*(\+[\d -]*\d)[\s;,]+(\d+(?:[.,]\d+)?)\s*$/.exec(line) ?? [];
    return { prefix: (prefix ?? "").replace(/[ -]/g, ""), price: Number((price ?? "").replace(",", ".")) };
  });
  return rates.every((r) => r.prefix) ? rates : undefined;
}
