import { msg } from "@lingui/core/macro";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { type Shortcut, usePageKeys } from "~/app/keys";
import { attempt } from "~/app/live";
import { AssignDialog, LabelDialog, MoveDialog, SnoozeDialog } from "./dialogs";
import { focused, lineKey, type Picked } from "./picked";
import { act, type Conversation, type Folder } from "./queries";
import { take } from "./team";

type Here = {
  box: string | undefined;
  /** Nothing in a search: that goes through folders. */
  folder: Folder | undefined;
  folders: Folder[];
  threads: Conversation[];
  picked: Picked;
  open: (c: Conversation, answer?: string) => void;
  selected: string | undefined;
  shared: boolean;
  me: string;
};

type Asked = "label" | "move" | "snooze" | "assign";
export type Dialogs = { node: ReactNode; label: () => void; move: () => void; snooze: () => void };

/** The keys of the list. They mean the picked conversations, else the one in focus, else the open one. */
export function useMailKeys(here: Here): Dialogs {
  const now = useRef(here);
  now.current = here;
  const [dialog, setDialog] = useState<{ what: Asked; at: Conversation[] }>();
  const keys = useMemo(
    () =>
      keysOf(
        () => now.current,
        (what) => setDialog({ what, at: meant(now.current) }),
      ),
    [],
  );
  usePageKeys(keys);
  const ask = (what: Asked) => () => setDialog({ what, at: meant(here) });
  const props = { at: dialog?.at ?? [], folder: here.folder, onClose: () => setDialog(undefined) };
  const node = dialog?.at.length ? (
    <>
      {dialog.what === "label" && <LabelDialog {...props} />}
      {dialog.what === "move" && <MoveDialog {...props} folders={here.folders} />}
      {dialog.what === "assign" && <AssignDialog {...props} />}
      {dialog.what === "snooze" && <SnoozeDialog {...props} />}
    </>
  ) : null;
  return { node, label: ask("label"), move: ask("move"), snooze: ask("snooze") };
}

/** The conversations that a key means. */
function meant({ picked, threads, selected }: Here): Conversation[] {
  const many = picked.list;
  if (many.length) return threads.filter((c) => picked.has(c));
  const one = focused(threads) ?? threads.find((c) => c.thread === selected);
  return one ? [one] : [];
}

function keysOf(here: () => Here, ask: (what: Asked) => void): Shortcut[] {
  const put = (use: "Archive" | "Trash" | "Junk") => () => {
    const { threads, picked, folder } = here();
    const list = meant(here());
    step(threads, list);
    picked.clear();
    attempt(act(list, { use, from: folder?.id }));
  };
  const toggle = (what: "seen" | "flagged") => () => {
    const list = meant(here());
    const on = what === "seen" ? list.some((c) => c.unread > 0) : !list.every((c) => c.flagged);
    attempt(act(list, { [what]: on, from: here().folder?.id }));
  };
  const answer = (how: string) => () => {
    const [c] = meant(here());
    if (c) here().open(c, how);
  };
  return [
    { keys: "j", what: msg`Next conversation`, do: () => walk("ArrowDown") },
    { keys: "k", what: msg`Conversation before`, do: () => walk("ArrowUp") },
    { keys: "shift+j", what: msg`Pick down to the next conversation`, do: () => extend(here(), "ArrowDown") },
    { keys: "shift+k", what: msg`Pick up to the conversation before`, do: () => extend(here(), "ArrowUp") },
    { keys: "o", what: msg`Open the conversation`, do: () => opened(here()) },
    { keys: "x", what: msg`Pick the conversation`, do: () => pick(here()) },
    { keys: "r", what: msg`Reply`, do: answer("reply") },
    { keys: "a", what: msg`Reply to all`, do: answer("all") },
    { keys: "f", what: msg`Forward`, do: answer("forward") },
    { keys: "e", what: msg`Archive`, do: put("Archive") },
    { keys: "#", what: msg`Delete`, do: put("Trash") },
    { keys: "!", what: msg`Junk`, do: put("Junk") },
    { keys: "u", what: msg`Read or unread`, do: toggle("seen") },
    { keys: "s", what: msg`Flag, or take the flag off`, do: toggle("flagged") },
    { keys: "l", what: msg`Label`, do: () => ask("label") },
    { keys: "v", what: msg`Move to a folder`, do: () => ask("move") },
    { keys: "b", what: msg`Put off`, do: () => ask("snooze") },
    { keys: "t", what: msg`Take the conversation, or let it go`, do: () => taking(here(), meant(here())) },
    { keys: "w", what: msg`Give the conversation to a colleague`, do: () => ask("assign") },
    { keys: "n", what: msg`Comment for colleagues`, do: () => document.getElementById("mail-comment")?.focus() },
    { keys: "/", what: msg`Search mail`, do: () => document.getElementById("find-mail")?.focus() },
  ];
}

/** In a shared mailbox alone: nobody else could take what is in one's own. */
function taking({ shared, me }: Here, list: Conversation[]): void {
  if (shared) attempt(take(list, me));
}

function opened({ threads, open }: Here): void {
  const c = focused(threads);
  if (c) open(c);
}

/** As the arrows do: see walk. */
function walk(key: "ArrowDown" | "ArrowUp"): void {
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}

/** Picks the conversation in focus, or drops it; goes on to the next. */
function pick({ threads, picked }: Here): void {
  const c = focused(threads);
  if (!c) return;
  picked.toggle(c);
  walk("ArrowDown");
}

/** Picks the line in focus and the next one, where the focus goes. */
function extend({ threads, picked }: Here, key: "ArrowDown" | "ArrowUp"): void {
  const from = focused(threads);
  if (from && !picked.has(from)) picked.toggle(from);
  walk(key);
  const to = focused(threads);
  if (to) picked.set([to], true);
  if (to) picked.touch(to);
}

/** Puts the focus on the line behind those that go away. */
function step(threads: Conversation[], gone: Conversation[]): void {
  const keys = new Set(gone.map(lineKey));
  const last = threads.findLastIndex((c) => keys.has(lineKey(c)));
  const next = threads[last + 1] ?? threads.findLast((c) => !keys.has(lineKey(c)));
  if (next) document.querySelector<HTMLElement>(`[data-key="${CSS.escape(lineKey(next))}"]`)?.focus();
}
