import { queryOptions } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";

export type Handling = components["schemas"]["Handling"];
export type Forward = components["schemas"]["Forward"];
export type PersonalHours = components["schemas"]["PersonalHours"];

/** When a forwarding applies, in the order of the form. */
export const occasions = ["always", "busy", "no_answer", "offline"] as const;
export type Occasion = (typeof occasions)[number];

/** How a user wants to be called; without one, oneself. */
export const handlingQuery = (user?: string) =>
  queryOptions({
    queryKey: ["call-handling", user ?? ""],
    queryFn: () =>
      user
        ? ok(api.GET("/api/v1/users/{id}/call-handling", { params: { path: { id: user } } }))
        : ok(api.GET("/api/v1/me/call-handling")),
  });

export const saveHandling = (user: string | undefined, body: Handling) =>
  user
    ? ok(api.PUT("/api/v1/users/{id}/call-handling", { params: { path: { id: user } }, body }))
    : ok(api.PUT("/api/v1/me/call-handling", { body }));

/** Switches do not disturb for oneself. */
export const disturb = (on: boolean) => ok(api.PUT("/api/v1/me/do-not-disturb", { body: { on } }));
