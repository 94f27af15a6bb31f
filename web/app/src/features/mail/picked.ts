/** Conversations that are picked to do something with them together, and which one the keys are at. */
import { Store } from "~/live/store";
import type { Conversation } from "./queries";

type Key = { thread: string; mailbox: string };
const keyOf = (c: Key) => `${c.mailbox} ${c.thread}`;

/** Those picked, by key, and where a range would begin. It is of the list that is shown: another list begins anew. */
export class Picked {
  readonly state = new Store<{ keys: Map<string, Key> }>({ keys: new Map() });

  has(c: Key): boolean {
    return this.state.get().keys.has(keyOf(c));
  }

  private last: Key | undefined;

  toggle(c: Key): void {
    this.last = c;
    this.set([c], !this.has(c));
  }

  set(list: Key[], on: boolean): void {
    const keys = new Map(this.state.get().keys);
    for (const { thread, mailbox } of list)
      if (on) keys.set(keyOf({ thread, mailbox }), { thread, mailbox });
      else keys.delete(keyOf({ thread, mailbox }));
    this.state.set({ keys });
  }

  /** Picks, or drops, all from the line touched last to this one. */
  range(list: Key[], to: Key): void {
    const at = (c: Key | undefined) => (c ? list.findIndex((x) => keyOf(x) === keyOf(c)) : -1);
    const [from, end] = [at(this.last), at(to)];
    if (end < 0) return;
    const start = from < 0 ? end : from;
    this.set(list.slice(Math.min(start, end), Math.max(start, end) + 1), true);
    this.last = to;
  }

  /** From here the next range goes. */
  touch(c: Key): void {
    this.last = c;
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
