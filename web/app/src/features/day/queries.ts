import { msg } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { type Activity, api, ok } from "~/api";
import { attempt, stale } from "~/app/live";
import { offer } from "~/app/notify";
import { useNotices } from "./notices";

type MyDay = Record<"missed" | "mails" | "tasks", Activity[]>;

/** What waits for the person. */
export function useDay() {
  const read = () => ok(api.GET("/api/v1/my-day")) as Promise<MyDay>;
  return useQuery({ queryKey: ["day"], queryFn: read, refetchInterval: 60_000 });
}

/** A mail, for its conversation and mailbox; undefined where the person may not read it. */
export async function find(id: string) {
  const { data } = await api.GET("/api/v1/mail/messages/{id}", { params: { path: { id } } });
  return data;
}

/** How many things wait. */
export function useWaiting(): number {
  const day = useDay().data;
  const told = useNotices().filter((n) => !n.read).length;
  return told + (day ? day.missed.length + day.mails.length + day.tasks.filter((x) => isDue(x)).length : 0);
}

/** Whether a task is for today or late. */
export function isDue(task: Activity, now = new Date()): boolean {
  if (!task.due) return false;
  return Date.parse(task.due) < new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
}

/** Ticks a task off, with a way back. */
export function useDone(): (task: Activity) => void {
  const set = async (id: string, done: boolean) => {
    await ok(api.PATCH("/api/v1/tasks/{id}", { params: { path: { id } }, body: { done } }));
    stale("task");
  };
  return (task) => {
    attempt(set(task.id, true));
    offer(msg`Task done`, () => attempt(set(task.id, false)));
  };
}
