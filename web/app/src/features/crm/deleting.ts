import { msg } from "@lingui/core/macro";
import { useMutation } from "@tanstack/react-query";
import { api, type Kind, ok } from "~/api";
import { client } from "~/api/queries";
import { refresh } from "~/api/records";
import { cards } from "~/app/card";
import { complain, offer } from "~/app/notify";

export const binKey = ["bin"];

function shownAgain(kind: Kind) {
  refresh(kind);
  void client.invalidateQueries({ queryKey: binKey });
}

/** Brings a record back out of the bin. */
export function useRestore() {
  return useMutation({
    mutationFn: (id: string) => ok(api.POST("/api/v1/bin/{id}/restore", { params: { path: { id } } })),
    onSuccess: (ref) => {
      shownAgain(ref.kind as Kind);
      cards.show({ kind: ref.kind as Kind, id: ref.id });
    },
    onError: complain,
  });
}

/** Puts a record into the bin; the way back is offered. */
export function useDelete(kind: Kind, onDone: () => void) {
  const restore = useRestore();
  return useMutation({
    mutationFn: ({ id }: { id: string; name: string }) => {
      const path = { params: { path: { id } } };
      switch (kind) {
        case "lead":
          return ok(api.DELETE("/api/v1/leads/{id}", path));
        case "deal":
          return ok(api.DELETE("/api/v1/deals/{id}", path));
        case "contact":
          return ok(api.DELETE("/api/v1/contacts/{id}", path));
      }
      return ok(api.DELETE("/api/v1/companies/{id}", path));
    },
    onSuccess: (_, { id, name }) => {
      onDone();
      shownAgain(kind);
      offer(msg`${name} is in the bin`, () => restore.mutate(id));
    },
    onError: complain,
  });
}
