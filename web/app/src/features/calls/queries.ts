import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components, operations } from "~/api/schema";
import { complain } from "~/app/notify";

export type Call = components["schemas"]["Call"];
export type CallStep = components["schemas"]["CallStep"];
export type CallFilter = NonNullable<operations["get-calls"]["parameters"]["query"]>;

const none: Call[] = [];

/** Calls, newest first, growing as one scrolls. */
export function useCalls(filter: CallFilter) {
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["calls", filter],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET("/api/v1/calls", {
          params: { query: { ...filter, after: pageParam || undefined, limit: 100 } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items) ?? none, [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows, more, isPending, error, refetch };
}

export type Caller = components["schemas"]["Caller"];
export type LiveQueue = components["schemas"]["LiveQueue"];
export type LiveAgent = components["schemas"]["LiveAgent"];
export type AgentChange = components["schemas"]["AgentInput"];

const liveKey = ["queue"];

/** The queues that one sees, as they are now. */
export function useLiveQueues() {
  return useQuery({
    queryKey: liveKey,
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/queues/live", { signal }))).items,
    staleTime: 1000,
    refetchInterval: 15_000, // what calls outside of queues do to agents is told by nobody
  });
}

/** Changes what an agent does. */
export function useAgent(id: string) {
  return useMutation({
    mutationFn: (body: AgentChange) => ok(api.PUT("/api/v1/agents/{id}", { params: { path: { id } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: liveKey }),
    onError: complain,
  });
}

/** Has somebody who waits not called back. */
export function useCancelCallback(queue: string) {
  return useMutation({
    mutationFn: (call: string) =>
      ok(api.DELETE("/api/v1/queues/{id}/callbacks/{call}", { params: { path: { id: queue, call } } })),
    onSettled: () => client.invalidateQueries({ queryKey: liveKey }),
    onError: complain,
  });
}

/** One call. */
export function useCall(id: string) {
  return useQuery(one(id));
}

/** What happened in a call, in order. */
export function useSteps(id: string) {
  return useQuery({ ...one(id), select: (call) => call.steps ?? [] });
}

const one = (id: string) =>
  queryOptions({
    queryKey: ["calls", "one", id],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/calls/{id}", { params: { path: { id } }, signal })),
  });
