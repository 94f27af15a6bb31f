import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";

export type WayOut = components["schemas"]["OutboundRoute"];

export const wayOutKey = ["outbound-routes"];

export async function readWaysOut(): Promise<WayOut[]> {
  return (await ok(api.GET("/api/v1/outbound/routes"))).items;
}

export async function saveWaysOut(routes: WayOut[]): Promise<void> {
  await ok(api.PUT("/api/v1/outbound/routes", { body: { routes } }));
}

/** The lines, by id, for what names some of them. */
export function useLines() {
  const read = async () => (await ok(api.GET("/api/v1/trunks"))).items;
  return useQuery({ queryKey: ["trunks"], queryFn: read }).data ?? [];
}

/** The departments, for what names some of them. */
export function useDepartments() {
  const read = async () => (await ok(api.GET("/api/v1/departments"))).items;
  return useQuery({ queryKey: ["departments"], queryFn: read }).data ?? [];
}

/** All but the one at a place; put in its place what is given, or at the end. */
export function placed(list: WayOut[], at: number, way: WayOut | undefined): WayOut[] {
  const rest = list.filter((_, i) => i !== at);
  if (!way) return rest;
  return at < 0 ? [...list, way] : list.map((w, i) => (i === at ? way : w));
}
