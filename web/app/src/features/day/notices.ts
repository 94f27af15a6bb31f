import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";
import { attempt } from "~/app/live";

export type Notice = components["schemas"]["UserNotice"];

const key = ["notices"];
const none: never[] = [];

/** What one was told, the latest first. */
export function useNotices(): Notice[] {
  const read = async () => (await ok(api.GET("/api/v1/notices"))).items;
  return useQuery({ queryKey: key, queryFn: read, staleTime: 60_000 }).data ?? none;
}

/** Marks notices as read, or not; on all tabs. */
export function useRead(): (ids: string[], read: boolean) => void {
  return (ids, read) => {
    client.setQueryData<Notice[]>(key, (all) => all?.map((n) => (ids.includes(n.id) ? { ...n, read } : n)));
    attempt(ok(api.POST("/api/v1/notices/read", { body: { ids, read } })));
  };
}
