/** Contacts, companies, leads and deals: what is the same for all four. */
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { complain } from "~/app/notify";
import { api, type CardView, type Kind, ok, plural, type Ref } from ".";
import { client } from "./queries";

export const cardKey = (ref: Ref) => ["card", ref.kind, ref.id];

/** All that a card shows of a record; known is what an event has already brought. */
export const useCardView = (ref: Ref, known?: CardView) => useQuery(cardQuery(ref, known));

export function cardQuery(ref: Ref, known?: CardView) {
  return queryOptions({
    queryKey: cardKey(ref),
    queryFn: () =>
      ok(api.GET(`/api/v1/${plural[ref.kind]}/{id}/card`, { params: { path: { id: ref.id } } })) as Promise<CardView>,
    enabled: known?.readable !== false, // of who is not to be seen there is no more than that
    initialData: known,
    initialDataUpdatedAt: known && Date.now(),
  });
}

export type Change = Record<string, unknown>;

/** Changes fields of a record: shown at once, taken back when the server refuses. */
export function useChange(ref: Ref) {
  return useMutation({
    mutationFn: (change: Change) =>
      ok(api.PATCH(`/api/v1/${plural[ref.kind]}/{id}`, { params: { path: { id: ref.id } }, body: change as never })),
    onMutate: (change) => {
      const before = client.getQueryData<CardView>(cardKey(ref));
      if (before) client.setQueryData(cardKey(ref), changed(before, ref.kind, change));
      return { before };
    },
    onError: (err, _, context) => {
      if (context?.before) client.setQueryData(cardKey(ref), context.before);
      complain(err);
    },
    onSettled: () => refresh(ref.kind),
  });
}

/** Asks again for whatever shows records of a kind. */
export function refresh(kind: Kind): void {
  for (const key of ["card", "caller", "timeline", plural[kind], "day", "search"])
    void client.invalidateQueries({ queryKey: [key] });
}

/** The card as it will be once the change is made. */
export function changed(view: CardView, kind: Kind, change: Change): CardView {
  const record = { ...(view[kind] as object), ...change };
  const name =
    typeof change.name === "string"
      ? change.name
      : typeof change.title === "string" && kind !== "lead"
        ? change.title
        : view.name;
  const responsible = typeof change.responsible === "string" ? change.responsible : view.responsible;
  return { ...view, [kind]: record, name, responsible };
}
