import type { NavigateOptions } from "@tanstack/react-router";
import type { Invite } from "~/live/state";
import { live } from "./live";

/** Goes to the door of a meeting: one sees oneself before the others do. */
export async function toTheDoor(invite: Invite, go: (to: NavigateOptions) => void): Promise<void> {
  live.heard(invite);
  go({ to: "/meetings/$room", params: { room: invite.room } });
}
