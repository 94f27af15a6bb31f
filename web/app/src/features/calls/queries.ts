import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";

export type Call = components["schemas"]["Call"];
export type CallStep = components["schemas"]["CallStep"];
export type CallFilter = { missed?: boolean; mine?: boolean; number?: string };

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

/** What happened in a call, in order. */
export function useSteps(id: string) {
  return useQuery({
    queryKey: ["calls", "steps", id],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/calls/{id}", { params: { path: { id } }, signal })),
    select: (call) => call.steps ?? [],
  });
}
