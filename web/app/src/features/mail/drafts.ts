/** Drafts on the server, and what of them is held in this tab until it is there. */
import { api, ok, problem } from "~/api";
import { stale } from "~/app/live";
import { fullDate } from "~/i18n/format";
import { Keeper, type Save, type SavedDraft, type Words } from "./keeper";
import { sendStored, type When } from "./later";
import { paragraphs, partsOf, quoted } from "./letter";
import { personName } from "./people";
import { stored } from "./pictures";
import type { Message } from "./queries";

const slot = (key: string) => `frontdesk.draft.${key}`;

/** What was written under this key and not saved when the tab was reloaded. */
export function heldDraft(key: string): Save | undefined {
  const text = sessionStorage.getItem(slot(key));
  return text ? (JSON.parse(text) as Save) : undefined;
}

/** What a message says, as HTML. */
export const saysOf = (m: Message): string => m.html || paragraphs(m.text || m.snippet);

/** The quote of a message below its answer. */
export const quoteOf = (m: Message): string => quoted(`${fullDate(m.date)}, ${personName(m.from)}:`, saysOf(m));

/** The words of a draft; one that no editor wrote has text alone. */
export function wordsOf(draft: Save | SavedDraft): Words {
  const { from, to, subject, cc = [], bcc = [], reply = "" } = draft;
  return { from, to, cc, bcc, subject, reply, ...partsOf(draft.html || paragraphs(draft.text)) };
}

/** Begins a mail that has no draft yet; files are the pictures that its words show. */
export function beginDraft(key: string, words: Words, files: File[]): Keeper {
  const held = heldDraft(key);
  if (!held) return new Keeper({ words, fresh: files }, desk(key));
  return new Keeper({ words: wordsOf(held), status: "waiting" }, desk(key));
}

/** Goes on with a draft; what this tab had not saved of it comes first. */
export function resumeDraft(saved: SavedDraft): Keeper {
  const held = heldDraft(saved.id);
  const { id, version, files: stored } = saved;
  if (!held?.version) return new Keeper({ id, version, stored, words: wordsOf(saved) }, desk(id));
  const kept = stored.filter((f) => held.keep?.includes(f.key));
  return new Keeper({ id, version: held.version, stored: kept, words: wordsOf(held), status: "waiting" }, desk(id));
}

function desk(key: string) {
  let last = key;
  const hold = (draft: Save | undefined) => {
    sessionStorage.removeItem(slot(last));
    last = draft?.id || key;
    if (draft) sessionStorage.setItem(slot(last), JSON.stringify(draft));
  };
  return { hold, save: saveDraft };
}

/** Saves a draft with more files and tells the share of them that is on its way, 0 to 1. */
async function saveDraft(draft: Save, files: File[], progress: (share: number) => void): Promise<SavedDraft> {
  const saved = files.length
    ? await upload(draft, files, progress)
    : await ok(api.POST("/api/v1/mail/drafts", { body: draft }));
  stale("mail");
  return saved;
}

/** fetch can't tell how far an upload is. */
function upload(draft: Save, files: File[], progress: (share: number) => void): Promise<SavedDraft> {
  const form = new FormData();
  form.append("mail", new Blob([JSON.stringify(draft)], { type: "application/json" }));
  for (const file of files) form.append("file", file, file.name);
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/mail/drafts/files");
    request.responseType = "json";
    request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    request.onload = () =>
      request.status < 300 ? done(request.response) : fail(problem(request.status, request.response ?? {}));
    request.onerror = () => fail(new TypeError("network"));
    request.send(form);
  });
}

const leaving = new Map<string, Promise<void>>(); // drafts whose last words are on their way

/** Saves what is left of a draft that is out of sight. */
export function leaveDraft(keeper: Keeper): void {
  const { id } = keeper.state.get();
  const saved = keeper
    .flush()
    .catch(() => {}) // it is held in this tab
    .then(() => void leaving.delete(id));
  if (id) leaving.set(id, saved);
}

export async function readDraft(id: string): Promise<SavedDraft> {
  await leaving.get(id);
  const draft = await ok(api.GET("/api/v1/mail/drafts/{id}", { params: { path: { id } } }));
  const pictures = draft.files.filter((f) => f.id);
  await Promise.all(pictures.map((f) => stored(f.id!, `/api/v1/mail/messages/${id}/files/${f.part}`)));
  return draft;
}

/** Notes that a draft takes an offer or invoice to a client: that is sent when the draft is. */
export async function take(draft: string, offer: string): Promise<void> {
  await ok(api.PUT("/api/v1/mail/drafts/{id}/offer", { params: { path: { id: draft } }, body: { offer } }));
}

/** Saves what is left and sends the draft as it is stored; undo hears the id of one that is taken back. */
export async function sendDraft(
  keeper: Keeper,
  { takes, ...when }: When & { takes?: string },
  undo: (id: string) => void,
): Promise<void> {
  await keeper.flush(true);
  const { id, version } = keeper.state.get();
  if (takes) await take(id, takes);
  await sendStored(id, version, when, () => undo(id));
  keeper.close();
}

/** Puts the draft into Trash. */
export async function dropDraft(keeper: Keeper): Promise<void> {
  keeper.close();
  await keeper.settled();
  const { id, status } = keeper.state.get();
  if (id && status !== "gone" && status !== "changed")
    await ok(api.DELETE("/api/v1/mail/messages/{id}", { params: { path: { id } } }));
  stale("mail");
}
