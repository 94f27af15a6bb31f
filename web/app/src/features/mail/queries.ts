import { msg } from "@lingui/core/macro";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, ok } from "~/api";
import { meQuery } from "~/api/queries";
import type { components } from "~/api/schema";
import { stale } from "~/app/live";
import { complain, offer } from "~/app/notify";

type Schemas = components["schemas"];
export type Conversation = Schemas["Conversation"];
export type Summary = Schemas["Summary"];
export type Message = Schemas["Message"];
export type Verdict = Schemas["Verdict"];
export type Folder = Schemas["Folder"];
export type Mailbox = Schemas["Mailbox"];
export type Person = Schemas["Person"];

type Taken = "mine" | "none" | "open";
const none: never[] = [];

/** Mailboxes the person reads and writes as. */
export const useMailboxes = (): Mailbox[] => useQuery(meQuery).data?.mailboxes ?? none;

export function useFolders(mailbox: string | undefined) {
  return useQuery({
    queryKey: ["mail", "folders", mailbox],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/mailboxes/{id}/folders", { params: { path: { id: mailbox! } } }))).items,
    enabled: mailbox !== undefined,
  });
}

/** Conversations of a folder, newest first, or those of the mailbox that match q; without one, of all of one's mailboxes. */
export function useThreads(
  mailbox: string | undefined,
  folder: string | undefined,
  q: string | undefined,
  taken?: Taken,
) {
  const query = useInfiniteQuery({
    queryKey: ["mail", "threads", mailbox, folder, q, taken],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET("/api/v1/mail/threads", {
          params: {
            query: { mailbox, folder: q ? undefined : folder, q, taken, after: pageParam || undefined, limit: 50 },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    enabled: (mailbox !== undefined && folder !== undefined) || q !== undefined,
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const threads = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? none, [query.data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { threads, more, isPending: query.isPending, error: query.error, refetch: query.refetch };
}

/** Messages of a conversation, oldest first. */
export function useThread(thread: string, mailbox: string) {
  return useQuery({
    queryKey: ["mail", "thread", thread, mailbox],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/threads/{id}", { params: { path: { id: thread }, query: { mailbox } } }))).items,
  });
}

/** A message as a person reads it; remote fetches its pictures from their senders. */
export function useMessage(id: string, remote: boolean) {
  return useQuery({
    queryKey: ["mail", "message", id, remote],
    queryFn: () => ok(api.GET("/api/v1/mail/messages/{id}", { params: { path: { id }, query: { remote } } })),
    enabled: id !== "",
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
}

/** Labels of a mailbox. */
export function useLabels(mailbox: string | undefined) {
  return useQuery({
    queryKey: ["mail", "labels", mailbox],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/mailboxes/{id}/labels", { params: { path: { id: mailbox! } } }))).items.map(
        (l) => l.name,
      ),
    enabled: mailbox !== undefined,
  });
}

type Act = Omit<Schemas["ThreadsPatch"], "threads" | "$schema">;

/** Does something with conversations; what moved can be taken back. */
export async function act(threads: Schemas["ThreadRef"][], what: Act): Promise<void> {
  if (!threads.length) return;
  const refs = threads.map(({ thread, mailbox }) => ({ thread, mailbox }));
  const were: Schemas["Place"][] = [];
  for (let i = 0; i < threads.length; i += 200)
    were.push(
      ...(await ok(api.PATCH("/api/v1/mail/threads", { body: { threads: refs.slice(i, i + 200), ...what } }))).items,
    );
  stale("mail");
  if ((what.use || what.folder) && were.length) offer(msg`Mail moved`, () => void back(were).catch(complain));
}

/** Brings messages back to where they were. */
export async function back(were: Schemas["Place"][]): Promise<void> {
  const folders = new Map<string, string[]>();
  for (const { id, folder } of were) folders.set(folder, [...(folders.get(folder) ?? []), id]);
  for (const [folder, ids] of folders)
    for (let i = 0; i < ids.length; i += 500) await mark(ids.slice(i, i + 500), { folder });
}

export const unsubscribe = (id: string) =>
  ok(api.POST("/api/v1/mail/messages/{id}/unsubscribe", { params: { path: { id } } }));

type Marks = Omit<Schemas["MessagesPatch"], "ids" | "$schema">;

/** Marks or moves messages. */
export async function mark(ids: string[], marks: Marks): Promise<void> {
  if (!ids.length) return;
  await ok(api.PATCH("/api/v1/mail/messages", { body: { ids, ...marks } }));
  stale("mail");
}

/** Moves messages to a folder, with a way back. */
export function move(messages: Summary[], to: Folder): void {
  const ids = messages.map((m) => m.id);
  const from = messages[0]?.folder;
  mark(ids, { folder: to.id }).then(
    () => from && offer(msg`Mail moved`, () => void mark(ids, { folder: from }).catch(complain)),
    complain,
  );
}
