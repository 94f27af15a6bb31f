/** What the users of a shared mailbox know of each other: who reads and answers, whose a conversation is, what is said beside it. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, ok } from "~/api";
import { client, useMe, usersQuery } from "~/api/queries";
import type { components } from "~/api/schema";
import { stale, useLiveState } from "~/app/live";
import { complain, offer } from "~/app/notify";
import { type Mailbox, useMailboxes } from "./queries";

type Schemas = components["schemas"];
export type TeamState = Schemas["State"];
export type Look = Schemas["Look"];
export type Comment = Schemas["Comment"];
export type Notice = Schemas["Notice"];
type ThreadKey = { thread: string; mailbox: string };

/** Which conversations of a shared mailbox are shown. */
export type Taken = "mine" | "none" | "open";

/** The mailbox, where several people read it. */
export function useShared(mailbox: string | undefined): Mailbox | undefined {
  const box = useMailboxes().find((b) => b.id === mailbox);
  return box && box.users.length > 1 ? box : undefined;
}

const again = 30_000; // ms after which a look is said again; the server forgets it after a minute

/** How a conversation stands among colleagues. */
export function useTeam(thread: string, mailbox: string, shared: boolean): TeamState | undefined {
  return useQuery({
    queryKey: ["team", mailbox, thread],
    queryFn: () =>
      ok(api.GET("/api/v1/mail/threads/{id}/team", { params: { path: { id: thread }, query: { mailbox } } })),
    enabled: shared,
    refetchInterval: again,
  }).data;
}

const none: never[] = [];

/** Colleagues who have conversations of a shared mailbox open. */
export function useLooks(mailbox: string | undefined): Look[] {
  const shared = useShared(mailbox);
  const me = useMe()?.id;
  const { data = none } = useQuery({
    queryKey: ["team", mailbox, "looks"],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/mailboxes/{id}/looks", { params: { path: { id: mailbox! } } }))).items,
    enabled: shared !== undefined,
    refetchInterval: again,
  });
  return others(data, me);
}

export const others = <T extends { user: string }>(list: T[], me: string | undefined): T[] =>
  list.filter((l) => l.user !== me);

/** Says what this tab does with a conversation for as long as it is shown; a hidden tab reads nothing. */
export function useLooking(thread: string, mailbox: string, doing: Look["doing"], shared: boolean): void {
  const tab = useLiveState().socket;
  useEffect(() => {
    if (!shared || !tab) return;
    const say = () =>
      document.hidden && doing === "reading"
        ? gone(tab)
        : api.PUT("/api/v1/mail/looks/{tab}", { params: { path: { tab } }, body: { thread, mailbox, doing } });
    const tell = () => void say().catch(() => {}); // it lapses, or is said again
    tell();
    const timer = setInterval(tell, again);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [thread, mailbox, doing, shared, tab]);
  useEffect(() => {
    if (shared && tab) return () => void gone(tab).catch(() => {});
  }, [shared, tab]);
}

const gone = (tab: string) => api.DELETE("/api/v1/mail/looks/{tab}", { params: { path: { tab } } });

/** Gives conversations to a colleague, to oneself, or with "" to nobody; there is a way back. */
export async function assign(list: (ThreadKey & { assignee: string })[], user: string): Promise<void> {
  if (!list.length) return;
  await put(list, user);
  const before = list[0]!.assignee;
  const same = list.every((c) => c.assignee === before);
  if (same) offer(user ? msg`Assigned` : msg`Nobody's again`, () => void put(list, before).catch(complain));
}

async function put(list: ThreadKey[], user: string): Promise<void> {
  const threads = list.map(({ thread, mailbox }) => ({ thread, mailbox }));
  await ok(api.PUT("/api/v1/mail/threads/assigned", { body: { threads, user } }));
  stale("mail");
  stale("team");
}

/** Takes conversations, or lets those go that are all one's own. */
export function take(list: (ThreadKey & { assignee: string })[], me: string): Promise<void> {
  return assign(list, list.every((c) => c.assignee === me) ? "" : me);
}

export async function comment(at: ThreadKey, text: string, mentions: string[]): Promise<void> {
  const { thread, mailbox } = at;
  await ok(api.POST("/api/v1/mail/comments", { body: { thread, mailbox, text, mentions } }));
  stale("team");
}

/** Takes a comment away, with a way back. */
export async function uncomment(at: ThreadKey, c: Comment): Promise<void> {
  await ok(api.DELETE("/api/v1/mail/comments/{id}", { params: { path: { id: c.id } } }));
  stale("team");
  offer(msg`Comment removed`, () => void comment(at, c.text, []).catch(complain));
}

type Person = { id: string; name: string };

/** Those whom a text names by @ and their name. */
export function mentioned(text: string, people: Person[]): string[] {
  return people.filter((p) => p.name && text.includes(`@${p.name}`)).map((p) => p.id);
}

/** What follows an @ at the end of a text: the beginning of a name, or nothing. */
export function mentioning(text: string): string | undefined {
  return /(?:^|\s)@([^\s@]{0,30})$/.exec(text)?.[1]?.toLocaleLowerCase();
}

/** The colleagues who began to answer before us or did since, to be named before a second answer goes out. */
export function crossing({ looks, answers }: TeamState, me: string, since: number) {
  const answered = others(answers, me).filter((a) => Date.parse(a.at) > since);
  return {
    answered: [...new Set(answered.map((a) => a.user))],
    answering: others(looks, me)
      .filter((l) => l.doing === "answering" && !answered.some((a) => a.user === l.user))
      .map((l) => l.user),
  };
}

/** What one was told of conversations and has not opened since. */
export function useNotices(): Notice[] {
  const shared = useMailboxes().some((b) => b.users.length > 1);
  const notices = useQuery({
    queryKey: ["team", "notices"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/notices"))).items,
    enabled: shared,
  });
  return notices.data ?? none;
}

/** A notice in words. */
export function noticeWords({ kind, by, subject }: Pick<Notice, "kind" | "by" | "subject">): MessageDescriptor {
  const name = client.getQueryData(usersQuery.queryKey)?.find((u) => u.id === by)?.name ?? "";
  return kind === "assigned"
    ? msg`${name} gave you a conversation: ${subject}`
    : msg`${name} mentioned you: ${subject}`;
}
