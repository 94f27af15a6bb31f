/** Conversations that are picked to do something with them together, and which one the keys are at. */
import { Store } from "~/live/store";
import type { Conversation } from "./queries";

type Key = { thread: string; mailbox: string };
const keyOf = (c: Key) => `${c.mailbox} ${c.thread}`;

/** Those picked, by key. It is of the list that is shown: another list begins anew. */
export class Picked {
  readonly state = new Store<{ keys: Map<string, Key> }>({ keys: new Map() });

  has(c: Key): boolean {
    return this.state.get().keys.has(keyOf(c));
  }

  toggle(c: Key): void {
    this.set([c], !this.has(c));
  }

  set(list: Key[], on: boolean): void {
    const keys = new Map(this.state.get().keys);
    for (const { thread, mailbox } of list)
      if (on) keys.set(keyOf({ thread, mailbox }), { thread, mailbox });
      else keys.delete(keyOf({ thread, mailbox }));
    this.state.set({ keys });
  }

  clear(): void {
    if (this.state.get().keys.size) this.state.set({ keys: new Map() });
  }

  get list(): Key[] {
    return [...this.state.get().keys.values()];
  }
}

/** The conversation whose line has the focus. */
export function focused(threads: Conversation[]): Conversation | undefined {
  const at = document.activeElement?.closest<HTMLElement>("[data-key]")?.dataset.key;
  return at === undefined ? undefined : threads.find((c) => keyOf({ thread: c.thread, mailbox: c.mailbox }) === at);
}

export const lineKey = keyOf;
