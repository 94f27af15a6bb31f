/** Keeps what is being written: on the server while one types, and what is not there yet in this tab. No React in it. */
import { Problem } from "~/api";
import type { components } from "~/api/schema";
import { Store } from "~/live/store";
import { joined } from "./files";
import { joinedLetter, type Letter } from "./letter";
import { idOf } from "./pictures";

type Schemas = components["schemas"];
export type SavedDraft = Schemas["SavedDraft"];
export type StoredFile = Schemas["DraftFile"];
export type Save = Schemas["DraftSave"];

/** What a person writes; the signature and the quote follow it. */
export type Words = Letter & {
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  subject: string;
  reply: string;
};

/** clean: nothing to save; changed, gone: by somebody else, who writes has to choose. */
export type Status = "clean" | "waiting" | "saving" | "saved" | "failed" | "changed" | "gone";

export type DraftState = {
  words: Words;
  id: string;
  version: string;
  stored: StoredFile[];
  fresh: File[];
  status: Status;
  progress?: number;
  error?: unknown;
};

/** What the keeper needs of the world. */
export type Desk = {
  save: (draft: Save, files: File[], progress: (share: number) => void) => Promise<SavedDraft>;
  /** Holds what is not saved yet in this tab, or nothing any more. */
  hold: (draft: Save | undefined) => void;
};

const pause = 1000; // ms after the last key
const heavyPause = 8000; // where files are sent again with each save
const heavy = 1_000_000; // bytes
const again = 5000; // ms after a save that failed

export class Keeper {
  readonly state: Store<DraftState>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private edits = 0;
  private source = "";
  private closed = false;

  constructor(
    start: Partial<DraftState> & { words: Words },
    private readonly desk: Desk,
  ) {
    this.state = new Store<DraftState>({ id: "", version: "", stored: [], fresh: [], status: "clean", ...start });
    if (this.state.get().status === "waiting") this.changed(0);
  }

  write(change: Partial<Words>): void {
    this.state.set({ words: { ...this.state.get().words, ...change } });
    this.changed(this.wait());
  }

  attach(files: File[]): void {
    this.state.set({ fresh: joined(this.state.get().fresh, files) });
    this.changed(0);
  }

  detach(file: File | StoredFile): void {
    const { stored, fresh } = this.state.get();
    this.state.set({ stored: stored.filter((f) => f !== file), fresh: fresh.filter((f) => f !== file) });
    this.changed(this.wait());
  }

  /** Saves all now; rejects when that is not possible. With must also what nobody has touched. */
  async flush(must = false): Promise<void> {
    clearTimeout(this.timer);
    if (must && !this.state.get().id) this.edits++;
    while (this.running || this.open) {
      if (this.blocked) break;
      await (this.running ?? this.save());
      const { status, error } = this.state.get();
      if (status === "failed") throw error;
    }
    const { status, error } = this.state.get();
    if (this.blocked) throw error ?? new Error(status);
  }

  /** Stores mine beside what somebody else made of the draft. */
  keepMine(): void {
    this.source = this.state.get().id;
    this.state.set({ id: "", version: "", error: undefined, status: "waiting" });
    this.changed(0);
  }

  /** Ends it without what is not saved. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.desk.hold(undefined);
  }

  /** Waits for the save that is under way. */
  async settled(): Promise<void> {
    await this.running;
  }

  /** There is something that is not saved. */
  get dirty(): boolean {
    return this.open || this.running !== undefined;
  }

  private saves = 0; // edits that are saved

  private get open(): boolean {
    return !this.closed && this.edits !== this.saves;
  }

  private get blocked(): boolean {
    const { status } = this.state.get();
    return status === "changed" || status === "gone";
  }

  private wait(): number {
    return this.state.get().stored.reduce((sum, f) => sum + f.size, 0) > heavy ? heavyPause : pause;
  }

  private changed(delay: number): void {
    this.edits++;
    this.desk.hold(this.draft());
    if (this.blocked) return;
    if (!this.running) this.state.set({ status: "waiting" });
    this.later(delay);
  }

  private later(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.running && this.open && !this.blocked) void this.save();
    }, delay);
  }

  private draft(): Save {
    const { words, id, version, stored } = this.state.get();
    const { from, to, cc, bcc, subject, reply } = words;
    const html = joinedLetter(words);
    const keep = stored.filter((f) => !f.id || html.includes(`cid:${f.id}`)).map((f) => f.key);
    const before = id ? { id, version } : this.source ? { source: this.source } : {};
    return { from, to, cc, bcc, subject, text: "", html, reply: reply || undefined, keep, ...before };
  }

  private save(): Promise<void> {
    this.running = this.saveOnce().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async saveOnce(): Promise<void> {
    const edits = this.edits;
    const { stored, fresh } = this.state.get();
    this.state.set({ status: "saving", progress: fresh.length ? 0 : undefined });
    try {
      const saved = await this.desk.save({ ...this.draft(), ids: fresh.map(idOf) }, fresh, (progress) =>
        this.state.set({ progress }),
      );
      this.took(saved, stored, fresh, edits);
    } catch (error) {
      this.refused(error);
    }
  }

  private took(saved: SavedDraft, stored: StoredFile[], fresh: File[], edits: number): void {
    const now = this.state.get();
    const same = (f: { name: string; size: number }, g: StoredFile) => f.name === g.name && f.size === g.size;
    const takenOut = [
      ...stored.filter((f) => !now.stored.includes(f)).map((f) => (g: StoredFile) => f.key === g.key),
      ...fresh.filter((f) => !now.fresh.includes(f)).map((f) => (g: StoredFile) => same(f, g)),
    ];
    this.saves = edits;
    this.source = "";
    this.state.set({
      id: saved.id,
      version: saved.version,
      stored: saved.files.filter((g) => !takenOut.some((is) => is(g))),
      fresh: now.fresh.filter((f) => !fresh.includes(f)),
      status: this.open ? "waiting" : "saved",
      progress: undefined,
      error: undefined,
    });
    this.desk.hold(this.open ? this.draft() : undefined);
    if (this.open) this.later(this.wait());
  }

  private refused(error: unknown): void {
    const code = error instanceof Problem ? error.status : 0;
    const status = code === 409 ? "changed" : code === 404 ? "gone" : "failed";
    this.state.set({ status, error, progress: undefined });
    if (status === "failed" && !this.closed && (code === 0 || code >= 500 || code === 429)) this.later(again);
  }
}
