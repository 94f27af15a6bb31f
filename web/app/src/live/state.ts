/** What this tab knows of what runs now, and how it is read. */

import type { Stage } from "~/media/meeting";
import type { LegMedia } from "~/media/phone";
import type { CallView, Room, Transfer } from "./protocol";
import type { Status } from "./socket";

export type Invite = { room: string; title: string; from: string };

/** All but `legs`, `stage` and `leads` is the server's. */
export type LiveState = {
  status: Status;
  socket: string;
  me: string;
  demo: boolean;
  calls: Record<string, CallView>;
  mine: Record<string, string>; // our legs: leg → call
  taken: Record<string, string>; // legs handled by a tab: leg → socket
  rooms: Record<string, Room>;
  invites: Invite[];
  online: Record<string, { online: boolean; busy: boolean; quiet?: boolean }>; // of colleagues that are shown
  legs: readonly LegMedia[];
  stage?: Stage;
  leads: boolean; // this tab rings
};

export const nothing: LiveState = {
  status: "closed",
  socket: "",
  me: "",
  demo: false,
  calls: {},
  mine: {},
  taken: {},
  rooms: {},
  invites: [],
  online: {},
  legs: [],
  leads: false,
};

export type MyCall = { leg: string; view: CallView };

/** Calls that ring us and nobody took. */
export function ringing(state: LiveState): MyCall[] {
  return myCalls(state).filter(({ leg, view }) => legOf(view, leg)?.state === "ringing" && view.state !== "ended");
}

/** Calls we speak in or place, here or in another tab. */
export function talking(state: LiveState): MyCall[] {
  return myCalls(state).filter(
    ({ leg, view }) =>
      legOf(view, leg)?.state !== "ringing" && view.direction !== "meeting" && view.supervising?.leg !== leg,
  );
}

/** Calls of others that we supervise. */
export function supervising(state: LiveState): MyCall[] {
  return myCalls(state).filter(({ leg, view }) => view.supervising?.leg === leg);
}

/** Calls that we speak in on a desk phone of ours. */
export function onPhone({ me, calls }: LiveState): MyCall[] {
  return Object.values(calls).flatMap((view) => {
    const at = view.legs.find((l) => l.user === me && l.kind === "phone" && l.state === "active");
    return at && !view.meeting && view.state === "answered" ? [{ leg: at.leg, view }] : [];
  });
}

/** All of ours. */
export function myCalls({ mine, calls }: LiveState): MyCall[] {
  return Object.entries(mine).flatMap(([leg, call]) => {
    const view = calls[call];
    return view && !view.meeting ? [{ leg, view }] : [];
  });
}

export function legOf(view: CallView, leg: string) {
  return view.legs.find((l) => l.leg === leg);
}

/** The other side of a call, seen from one of its legs: of a transfer, who is transferred. */
export function otherSide(view: CallView, leg: string): { name: string; number: string; user?: string } {
  const there = view.legs.filter((l) => l.leg !== leg && l.state !== "gone");
  const other =
    there.find((l) => l.leg === view.transfer?.peer) ?? there.find((l) => l.state !== "ringing") ?? there[0];
  if (other?.user) return { name: other.name, number: other.number || view.to, user: other.user };
  if (view.direction === "in") return { name: view.from_name, number: view.from };
  const number = view.direction === "out" ? view.to : other?.number || view.to;
  return { name: other?.name ?? "", number };
}

/** What a call is transferred to that goes on at our own desk phone. */
export const desk = "desk:";

/** The transfer that the owner of a leg began and that is not answered, or came to nothing. */
export function transferOf(view: CallView, leg: string): Transfer | undefined {
  return view.transfer?.leg === leg ? view.transfer : undefined;
}
