import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";
import { complain } from "~/app/notify";

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
    refetchInterval: ({ state }) => (state.data?.some((r) => r.words === "waiting") ? 5000 : false),
  });
  return useMemo(() => {
    const all = new Map<string, Recording[]>();
    for (const r of data ?? []) all.set(r.call, [...(all.get(r.call) ?? []), r]);
    return all;
  }, [data]);
}

export type Transcript = components["schemas"]["Transcript"];

/** What was said in a recording; asked for when somebody wants to read it, as that is written down. */
export function useTranscript(id: string, wanted: boolean) {
  return useQuery({
    queryKey: ["recordings", "transcript", id],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/recordings/{id}/transcript", { params: { path: { id } }, signal })),
    enabled: wanted,
    staleTime: 60_000,
  });
}

/** Whether somebody writes down what is said in recordings. */
export function useWordsOn(): boolean {
  const { data } = useQuery({
    queryKey: ["recordings", "words"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/recordings/words", { signal })),
    staleTime: 300_000,
  });
  return data?.on ?? false;
}

/** Has what was said written down, or written down again. */
export const writeAgain = (id: string) =>
  ok(api.POST("/api/v1/recordings/{id}/transcript", { params: { path: { id } } }))
    .then(() => client.invalidateQueries({ queryKey: ["recordings"] }))
    .catch(complain);

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
