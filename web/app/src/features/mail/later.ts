/** What happens later: mails that go out, conversations that come back, answers that are waited for. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { stale } from "~/app/live";
import { complain, offer, say } from "~/app/notify";
import { back, type Conversation } from "./queries";

type Schemas = components["schemas"];
export type Scheduled = Schemas["Scheduled"];

export type Moment = { says: MessageDescriptor; at: Date };

/** The moments that people mean most. */
export function moments(now: Date): Moment[] {
  const at = (days: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const monday = (8 - now.getDay()) % 7 || 7;
  const list = [
    { says: msg`This evening`, at: at(0, 18) },
    { says: msg`Tomorrow morning`, at: at(1, 9) },
    { says: msg`In a week`, at: at(7, 9) },
  ];
  if (monday > 1) list.splice(2, 0, { says: msg`Monday morning`, at: at(monday, 9) });
  return list.filter((m) => m.at.getTime() > now.getTime() + 30 * 60_000);
}

const slot = "frontdesk.undo";

/** How long a mail may be taken back, in seconds. */
export const undoSeconds = {
  get: (): number => Number(localStorage.getItem(slot) ?? 10),
  set: (seconds: number): void => localStorage.setItem(slot, String(seconds)),
  choices: [0, 5, 10, 30, 60],
};

export type When = { at?: Date; remind?: Date; anyway?: boolean };

/** Sends a stored draft; undo brings it back where that is possible still. */
export async function sendStored(
  id: string,
  version: string,
  { at, remind, anyway }: When,
  undo: () => void,
): Promise<void> {
  const seconds = at ? 0 : undoSeconds.get();
  const body = { version, undo: seconds, at: at?.toISOString(), remind: remind?.toISOString(), anyway };
  await ok(api.POST("/api/v1/mail/drafts/{id}/send", { params: { path: { id } }, body }));
  stale("mail");
  const back = () => void takeBack(id).then(undo, complain);
  if (at) offer(msg`The mail goes out later`, back);
  else if (seconds > 0) offer(msg`Mail sent`, back, seconds * 1000);
  else say(msg`Mail sent`);
}

/** Makes a draft again of what was to be sent. */
export async function takeBack(id: string): Promise<void> {
  await ok(api.DELETE("/api/v1/mail/scheduled/{id}", { params: { path: { id } } }));
  stale("mail");
}

/** Drafts that go out later, but for those that are sent and may be taken back. */
export const useScheduled = () =>
  useQuery({
    queryKey: ["mail", "scheduled"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/scheduled"))).items.filter((s) => !s.undo || s.problem),
  });

/** Takes conversations out of the inbox until a time. */
export async function snooze(list: Conversation[], until: Date): Promise<void> {
  const threads = list.map(({ thread, mailbox }) => ({ thread, mailbox }));
  const { items } = await ok(api.POST("/api/v1/mail/snooze", { body: { threads, until: until.toISOString() } }));
  stale("mail");
  if (!items.length) return;
  offer(msg`Put off`, () => void back(items).catch(complain));
}

/** Why a mail waits. */
export const problems: Record<Exclude<Scheduled["problem"], "">, MessageDescriptor> = {
  changed: msg`It was changed since. Look at it, and send it again.`,
  recipients: msg`Nobody it could go to. Write whom it is for, and send it again.`,
  sender: msg`You may not send from this address any more.`,
  quota: msg`The mailbox is full. Make room, and send it again.`,
  size: msg`It is too big. Take a file out, and send it again.`,
};
