import type { useNavigate } from "@tanstack/react-router";
import { api, ok, type Ref } from "~/api";
import { stale } from "~/app/live";
import { readMeetingsAbout } from "./queries";

type Navigate = ReturnType<typeof useNavigate>;

/** Makes a room and goes to its door. */
export async function startMeeting(title: string, navigate: Navigate, about: Ref[] = []): Promise<void> {
  const room = await ok(api.POST("/api/v1/meetings", { body: { title, about } }));
  stale("meeting");
  await enter(room.id, navigate);
}

/** Goes to the door of the room about a record, and makes it when there is none. */
export async function meetAbout(ref: Ref, name: string, navigate: Navigate): Promise<void> {
  const room = (await readMeetingsAbout(ref.id)).find(({ about }) => about.length === 1 && about[0]!.id === ref.id);
  if (room) await enter(room.id, navigate);
  else await startMeeting(name, navigate, [ref]);
}

const enter = (room: string, navigate: Navigate) => navigate({ to: "/meetings/$room", params: { room } });
