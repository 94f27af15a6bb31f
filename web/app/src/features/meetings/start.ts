import type { useNavigate } from "@tanstack/react-router";
import { api, ok } from "~/api";
import { stale } from "~/app/live";

/** Makes a room and goes to its door. */
export async function startMeeting(title: string, navigate: ReturnType<typeof useNavigate>): Promise<void> {
  const room = await ok(api.POST("/api/v1/meetings", { body: { title } }));
  stale("meeting");
  await navigate({ to: "/meetings/$room", params: { room: room.id } });
}
