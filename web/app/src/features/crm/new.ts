import type { Kind } from "~/api";
import { Store } from "~/live/store";

/** What a new record begins with. */
export type Draft = {
  name?: string;
  title?: string;
  phones?: string[];
  emails?: string[];
  contact?: string;
  company?: string;
};

export const newStore = new Store<{ kind?: Kind; draft: Draft }>({ draft: {} });

/** Opens the dialog for a new record. */
export function newRecord(kind: Kind, draft: Draft = {}): void {
  newStore.set({ kind, draft });
}
