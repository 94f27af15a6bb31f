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

export const recordingSound = (id: string) => `/api/v1/recordings/${id}/sound`;

export type VoiceMessage = components["schemas"]["VoiceMessage"];
export type OwnBox = components["schemas"]["OwnBox"];

export const messagesKey = ["voicemail"];

/** The messages in one's voicemail boxes, the newest first. */
export function useMessages() {
  return useQuery({
    queryKey: [...messagesKey, "list"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/voicemail", { signal }))).items,
  });
}

const noBoxes: OwnBox[] = [];

/** One's voicemail boxes, with how much is in them. */
export function useBoxes(): OwnBox[] {
  const { data } = useQuery({
    queryKey: [...messagesKey, "boxes"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/me/voicemail-boxes", { signal }))).items,
    staleTime: 60_000,
  });
  return data ?? noBoxes;
}

/** How many messages nobody heard yet. */
export const useUnheard = () => useBoxes().reduce((sum, b) => sum + b.new, 0);
