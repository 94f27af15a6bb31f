import { useQuery } from "@tanstack/react-query";
import { api, ok, type Ref } from "~/api";
import { stale } from "~/app/live";

export type Meeting = Awaited<ReturnType<typeof readMeeting>>;

const readMeeting = (id: string) => ok(api.GET("/api/v1/meetings/{id}", { params: { path: { id } } }));

/** A room: its title, who opened it, what it is about. */
export function useMeeting(id: string) {
  return useQuery({ queryKey: ["meetings", id], queryFn: () => readMeeting(id), retry: false });
}

/** All rooms, the newest first. */
export const readMeetings = async () => (await ok(api.GET("/api/v1/meetings"))).items;

export function useMeetings() {
  return useQuery({ queryKey: ["meetings"], queryFn: readMeetings });
}

/** Says what a room is about. */
export async function changeAbout(id: string, about: Ref[]): Promise<void> {
  await ok(api.PATCH("/api/v1/meetings/{id}", { params: { path: { id } }, body: { about } }));
  stale("meeting");
}
