import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";

export type Recording = components["schemas"]["Recording"];

const most = 200; // calls that the server is asked about at once

/** The recordings of calls that one may hear, by call. */
export function useRecordings(calls: string[]): Map<string, Recording[]> {
  const asked = calls.slice(0, most);
  const { data } = useQuery({
    queryKey: ["recordings", asked],
    queryFn: async ({ signal }) =>
      (await ok(api.GET("/api/v1/recordings", { params: { query: { calls: asked } }, signal }))).items,
    enabled: asked.length > 0,
  });
  return useMemo(() => {
    const all = new Map<string, Recording[]>();
    for (const r of data ?? []) all.set(r.call, [...(all.get(r.call) ?? []), r]);
    return all;
  }, [data]);
}
