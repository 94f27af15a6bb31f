import { msg } from "@lingui/core/macro";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, type Deal, ok, type Plural } from "~/api";
import { client } from "~/api/queries";
import { refresh } from "~/api/records";
import type { components } from "~/api/schema";
import { complain, offer } from "~/app/notify";
import type { ListOrder } from "~/app/router";

export type ListFilter = { q?: string; responsible?: string; pipeline?: string; where?: string; order?: ListOrder };

/** A list that grows as one scrolls. */
export function useList<T>(list: Plural, filter: ListFilter) {
  const query = useInfiniteQuery({
    queryKey: [list, filter],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET(`/api/v1/${list}`, {
          params: { query: { ...filter, after: pageParam || undefined, limit: 100 } },
          signal,
        }),
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
type Sum = components["schemas"]["StageSum"];

/** Number and worth of a pipeline's deals by stage and currency, of all that the list would show. */
export function useSums(pipeline: string | undefined, filter: ListFilter): Sum[] {
  const query = useQuery({
    queryKey: ["deals", "sums", pipeline, filter],
    queryFn: ({ signal }) =>
      ok(
        api.GET("/api/v1/pipelines/{id}/sums", {
          params: { path: { id: pipeline ?? "" }, query: { ...filter, order: undefined } },
          signal,
        }),
      ),
    enabled: pipeline !== undefined,
    placeholderData: keepPreviousData,
  });
  return query.data?.items ?? none;
}

const none: Sum[] = [];

/** Moves a deal to a stage: seen at once, with a way back. */
export function useMoveDeal() {
  const move = useMutation({
    mutationFn: ({ deal, stage }: { deal: Deal; stage: string }) =>
      ok(api.POST("/api/v1/deals/{id}/move", { params: { path: { id: deal.id } }, body: { stage } })),
    onMutate: async ({ deal, stage }) => {
      await client.cancelQueries({ queryKey: ["deals"] }); // an answer from before the move would take it back
      client.setQueriesData<Pages | { items: Sum[] }>(
        { queryKey: ["deals"] },
        (old) =>
          old &&
          ("pages" in old
            ? { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.map(moved(deal, stage)) })) }
            : { ...old, items: movedSums(old.items, deal, stage) }),
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

const moved = (deal: Deal, stage: string) => (d: Deal) => (d.id === deal.id ? { ...d, stage } : d);

/** The sums as they will be once the deal has left its stage for another. */
export function movedSums(sums: Sum[], deal: Deal, to: string): Sum[] {
  const add = (list: Sum[], stage: string, by: 1 | -1): Sum[] => {
    const is = (s: Sum) => s.stage === stage && s.currency === deal.currency;
    const old = list.find(is) ?? { stage, currency: deal.currency, count: 0, amount: 0 };
    const next = { ...old, count: old.count + by, amount: old.amount + by * deal.amount };
    const rest = list.filter((s) => !is(s));
    return next.count > 0 ? [...rest, next] : rest;
  };
  const found = sums.some((s) => s.stage === deal.stage && s.currency === deal.currency);
  return found ? add(add(sums, deal.stage, -1), to, 1) : sums; // else these sums leave the deal out
}
