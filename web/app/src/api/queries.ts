/** Look-ups that every page needs: who am I, who works here, which stages there are. */
import { QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { api, ok, Problem } from ".";
import type { components } from "./schema";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 30 * 60_000,
      retry: (count, err) => count < 2 && passing(err),
      retryDelay: (count, err) => (err instanceof Problem && err.wait) || 1000 * 2 ** count,
    },
  },
});

const patience = 5000; // ms: who is told to wait for longer is told so at once

/** Whether the same question may soon get a good answer. */
function passing(err: Error): boolean {
  if (!(err instanceof Problem)) return true;
  return (err.status >= 500 || err.status === 429) && (err.wait ?? 0) <= patience;
}

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => ok(api.GET("/api/v1/me")), staleTime: 60_000 });
export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async () => (await ok(api.GET("/api/v1/users"))).items,
  staleTime: 60_000,
});
export const pipelinesQuery = queryOptions({
  queryKey: ["pipelines"],
  queryFn: async () => (await ok(api.GET("/api/v1/pipelines"))).items,
  staleTime: 60_000,
});

const nobody: never[] = [];

export const useUsers = () => useQuery(usersQuery).data ?? nobody;
export const usePipelines = () => useQuery(pipelinesQuery).data ?? nobody;

/** Name of a user by id; "" while unknown. */
export function useUserName(id: string | undefined): string {
  return useUsers().find((u) => u.id === id)?.name ?? "";
}

/** The user who is logged in; undefined before that. */
export const useMe = () => useQuery(meQuery).data?.user;

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => ok(api.GET("/api/v1/settings")),
  staleTime: 300_000,
});
export const useSettings = () => useQuery(settingsQuery).data;

export const extensionsQuery = queryOptions({
  queryKey: ["extensions"],
  queryFn: async () => (await ok(api.GET("/api/v1/extensions"))).items,
  staleTime: 60_000,
});

export const useExtensions = () => useQuery(extensionsQuery).data ?? nobody;

export type HuntGroup = components["schemas"]["HuntGroup"];

export const huntGroupsKey = ["hunt-groups"];
export const readHuntGroups = async () => (await ok(api.GET("/api/v1/hunt-groups"))).items;

export type Queue = components["schemas"]["Queue"];

export const queuesKey = ["queues"];
export const readQueues = async () => (await ok(api.GET("/api/v1/queues"))).items;

export const useQueues = () => useQuery({ queryKey: queuesKey, queryFn: readQueues, staleTime: 60_000 }).data ?? nobody;

export const useHuntGroups = () =>
  useQuery({ queryKey: huntGroupsKey, queryFn: readHuntGroups, staleTime: 60_000 }).data ?? nobody;

const numbersQuery = queryOptions({
  queryKey: ["numbers"],
  queryFn: async () => (await ok(api.GET("/api/v1/numbers"))).items,
  staleTime: 60_000,
});

/** Our rented numbers; undefined while unknown. */
export const useNumbers = () => useQuery(numbersQuery).data;

/** The numbers, rented and internal, that lead into meeting rooms. */
export function useDoors(): { number: string; room: string }[] {
  const numbers = useQuery(numbersQuery).data ?? nobody;
  const all = [
    ...numbers.map((n) => ({ number: n.e164, room: n.destination.meeting })),
    ...useExtensions().map((e) => ({ number: e.number, room: e.meeting })),
  ];
  return all.flatMap(({ number, room }) => (room ? [{ number, room }] : []));
}

/** The internal number that rings a user alone. */
export function useExtensionOf(): (user: string) => string | undefined {
  const extensions = useExtensions();
  return (user) => extensions.find((e) => e.kind === "user" && e.user === user)?.number;
}
