import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { api, type CardView, ok, type Ref } from "~/api";
import { client, useUserName } from "~/api/queries";
import { cardQuery } from "~/api/records";
import { phone } from "~/i18n/format";
import type { CallView, CardEvent, Transfer } from "~/live/protocol";
import { type LiveState, type MyCall, myCalls, otherSide } from "~/live/state";
import { useLiveState } from "./live";

/**
 * Whom a call is with, as the server knows it now: the panel, the call bar, the card and the title all read this, and nothing else. An event brings the
 * first answer; it is asked again when a record changes, and after a new hello.
 */
export const callerQuery = (call: string) =>
  queryOptions({
    queryKey: ["caller", call],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/calls/{id}/card", { params: { path: { id: call } } }))) as unknown as CardEvent,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** An event told whom a call is with. */
export function told(event: CardEvent): void {
  if (event.call) client.setQueryData(callerQuery(event.call).queryKey, event);
}

/** The person said whom a call is with: shown at once, the server is told meanwhile. */
export function decided(call: string, ref: Ref): void {
  client.setQueryData(callerQuery(call).queryKey, (now) =>
    now ? { ...now, match: "exact" as const, cards: now.cards.filter((c) => c.ref.id === ref.id) } : now,
  );
}

/** Whether a client may be at the other end, whom the server can name. */
const withClient = (view: CallView) => view.direction === "in" || view.direction === "out";

/** The record that a call is with, once it is clear which. */
export function certain(event: CardEvent | undefined): CardView | undefined {
  return event?.cards.length === 1 && event.match !== "maybe" ? event.cards[0] : undefined;
}

export type Other = { name: string; number: string; card?: CardView; event?: CardEvent };

/** Who is at the other end of a call of ours, of none nobody. */
export function useOther(call: MyCall | undefined): Other {
  const side = call ? otherSide(call.view, call.leg) : { name: "", number: "" };
  const asks = call !== undefined && withClient(call.view) && !side.user;
  const { data: event } = useQuery({ ...callerQuery(call?.view.call ?? ""), enabled: asks });
  const first = certain(event);
  const { data: card = first } = useQuery({ ...cardQuery(first?.ref ?? nobody, first), enabled: first !== undefined });
  const colleague = useUserName(side.user);
  if (side.user) return { name: colleague || side.name, number: phone(side.number) };
  return { name: card?.name || side.name || strip(event?.name, side.number), number: phone(side.number), card, event };
}

/** The name of whom a transfer is to. */
export function useTarget(transfer: Transfer | undefined): string {
  const colleague = useUserName(transfer?.user);
  return colleague || phone(transfer?.to ?? "");
}

const nobody: Ref = { kind: "contact", id: "" };

/** The server names who is not known by the number. */
const strip = (name = "", number: string) => (name === number ? "" : name);

/** The call of ours that is with a record, while it runs. */
export function useCallWith(ref: Ref): MyCall | undefined {
  const calls = myCalls(useLiveState()).filter(({ view }) => withClient(view));
  const events = useQueries({ queries: calls.map(({ view }) => callerQuery(view.call)) });
  const i = events.findIndex(({ data }) => only(data)?.id === ref.id);
  return calls[i];
}

/** The only one who may be meant. */
const only = (event: CardEvent | undefined): Ref | undefined =>
  event?.cards.length === 1 ? event.cards[0]!.ref : undefined;

/** Asks whom the calls are with that run already when the page opens. */
export async function rediscover(state: LiveState, show: (event: CardEvent) => void): Promise<void> {
  for (const { view } of myCalls(state)) {
    if (!withClient(view) || client.getQueryData(callerQuery(view.call).queryKey)) continue;
    const event = await client.fetchQuery(callerQuery(view.call)).catch(() => undefined); // it may have no card
    if (event) show({ ...event, call: view.call });
  }
}
