import { msg } from "@lingui/core/macro";
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, type Deal, ok, type Plural } from "~/api";
import { client } from "~/api/queries";
import { refresh } from "~/api/records";
import { complain, offer } from "~/app/notify";

export type ListFilter = { q?: string; responsible?: string };

/** A list that grows as one scrolls. */
export function useList<T>(list: Plural, filter: ListFilter) {
  const query = useInfiniteQuery({
    queryKey: [list, filter],
    queryFn: ({ pageParam }) =>
      ok(
        api.GET(`/api/v1/${list}`, { params: { query: { ...filter, after: pageParam || undefined, limit: 100 } } }),
      ) as Promise<{ items: T[]; next: string }>,
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows, more, isPending: query.isPending, error: query.error, refetch: query.refetch };
}

type Pages = { pages: { items: Deal[]; next: string }[]; pageParams: string[] };

/** Moves a deal to a stage: seen at once, with a way back. */
export function useMoveDeal() {
  const move = useMutation({
    mutationFn: ({ deal, stage }: { deal: Deal; stage: string }) =>
      ok(api.POST("/api/v1/deals/{id}/move", { params: { path: { id: deal.id } }, body: { stage } })),
    onMutate: ({ deal, stage }) => {
      client.setQueriesData<Pages>(
        { queryKey: ["deals"] },
        (old) =>
          old && {
            ...old,
            pages: old.pages.map((p) => ({
              ...p,
              items: p.items.map((d) => (d.id === deal.id ? { ...d, stage } : d)),
            })),
          },
      );
    },
    onError: complain,
    onSettled: () => refresh("deal"),
  });
  return (deal: Deal, stage: string) => {
    if (stage === deal.stage) return;
    move.mutate({ deal, stage });
    offer(msg`Deal moved`, () => move.mutate({ deal: { ...deal, stage }, stage: deal.stage }));
  };
}
