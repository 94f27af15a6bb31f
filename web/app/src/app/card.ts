import type { Ref } from "~/api";
import type { CardEvent } from "~/live/protocol";
import { Store, useStore } from "~/live/store";
import { layout } from "~/theme";

/** What the card pane shows: a record, a call or mail that asks "who is it?", or both. */
export type CardState = { ref?: Ref; event?: CardEvent; waiting?: CardEvent; pinned: boolean; write: boolean };

const store = new Store<CardState>({ pinned: false, write: false });

/** Moves of the card pane. */
export const cards = {
  get: store.get,
  subscribe: store.subscribe,
  /** Shows a record; write begins a mail to it. */
  show(ref: Ref, write = false) {
    store.set({ ref, event: undefined, write });
  },
  /** A call or mail came: its card opens at once, unless the pane is pinned; then it waits to be asked for. */
  arrive(event: CardEvent) {
    const { pinned, ref } = store.get();
    if (pinned && ref) store.set({ waiting: event });
    else store.set({ event, ref: only(event), waiting: undefined, write: false });
  },
  /** Shows the card of a running call again. */
  recall(event: CardEvent) {
    store.set({ event, ref: only(event), waiting: undefined, write: false });
  },
  /** The person picked one of several matches. */
  pick(ref: Ref) {
    store.set({ ref });
  },
  /** Shows what waited behind the pin. */
  admit() {
    const { waiting } = store.get();
    if (waiting) store.set({ event: waiting, ref: only(waiting), waiting: undefined, write: false });
  },
  pin(pinned: boolean) {
    store.set({ pinned });
  },
  write(write: boolean) {
    store.set({ write });
  },
  close() {
    store.set({ ref: undefined, event: undefined, waiting: undefined, pinned: false, write: false });
  },
};

const whole = (s: CardState) => s;
export const useCard = (): CardState => useStore(store, whole);

/** Whether the card has room beside the page. Where it has not, only a call or the person opens it. */
export function roomy(): boolean {
  return !window.matchMedia(layout.phone).matches;
}

/** The record a touch is about, when there is no doubt which. */
function only(event: CardEvent): Ref | undefined {
  return event.cards.length === 1 ? event.cards[0]!.ref : undefined;
}
