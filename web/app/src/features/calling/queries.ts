import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";

export type CallingList = components["schemas"]["CallingList"];
export type Item = components["schemas"]["CallingItem"];
export type Said = components["schemas"]["CallingOutcome"]["is"];
export type Barred = components["schemas"]["DoNotCall"];

export const listsKey = ["calling"];
export const barredKey = ["do-not-call"];
const none: never[] = [];

/** The calling lists that one works or may change; how far they are is read again while somebody looks. */
export function useCallingLists() {
  return useQuery({
    queryKey: listsKey,
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/calling-lists", { signal }))).items,
    refetchInterval: 5000,
  });
}

export function useDepartments() {
  const read = async () => (await ok(api.GET("/api/v1/departments"))).items;
  return useQuery({ queryKey: ["departments"], queryFn: read }).data ?? none;
}

/** Those of the numbers that asked not to be called. */
export function useBarred(numbers: string[]): Barred[] {
  const all = numbers.join(",");
  return (
    useQuery({
      queryKey: [...barredKey, all],
      enabled: all !== "",
      queryFn: async () => (await ok(api.GET("/api/v1/do-not-call", { params: { query: { numbers: all } } }))).items,
    }).data ?? none
  );
}

/** What becomes of calls that people dial to such a number. */
export function useByHand() {
  return useQuery({ queryKey: byHandKey, queryFn: () => ok(api.GET("/api/v1/do-not-call/by-hand")) }).data?.by_hand;
}

export const byHandKey = [...barredKey, "by-hand"];

/** Says that a number asked not to be called, or that it may be called again. */
export async function bar(number: string, why: string): Promise<void> {
  await ok(api.PUT("/api/v1/do-not-call/{number}", { params: { path: { number } }, body: { why: why || undefined } }));
  changed();
}

export async function unbar(number: string): Promise<void> {
  await ok(api.DELETE("/api/v1/do-not-call/{number}", { params: { path: { number } } }));
  changed();
}

function changed(): void {
  void client.invalidateQueries({ queryKey: barredKey });
  void client.invalidateQueries({ queryKey: listsKey });
}
