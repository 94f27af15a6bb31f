/** The shapes of docs/live-protocol.md. */
import type { CardView, User } from "~/api";

/** Why a leg or call ended; "" while it goes on. */
export type Cause = string;

export type LegView = {
  leg: string;
  kind: "browser" | "phone" | "trunk";
  user?: string;
  number: string;
  name: string;
  state: "calling" | "ringing" | "active" | "gone" | "failed"; // failed: was called into a meeting, in vain
  held: boolean;
  muted: boolean;
  camera: boolean;
  cause: Cause;
  call?: string; // of who is in a meeting from outside: his own record
  by?: string; // and the user who had him called; of a call: who transferred it to this party
};

/** A blind transfer that nobody has answered yet, or the last one, when it came to nothing. */
export type Transfer = {
  by?: string; // the user who transfers
  leg: string; // his
  peer: string; // leg of who is transferred
  to: string;
  user?: string; // whose number that is
  state: "calling" | "ringing" | "failed" | "back"; // back: who transferred has hung up and is called for it
  cause?: Cause;
};

/** How the recording of a call stands, and what one may do about it. */
export type CallRecording = {
  state: "off" | "announced" | "on" | "paused"; // announced: those in the call are being told
  start: boolean;
  pause: boolean;
  stop: boolean;
};

/** How somebody supervises a call: only hears, is heard by our people in it, or by all. */
export type Supervising = "listen" | "whisper" | "barge";

/** A running call as everybody in it may see it. */
export type CallView = {
  call: string;
  node: string; // the server that runs it
  direction: "in" | "out" | "internal" | "meeting";
  state: "routing" | "ringing" | "answered" | "ended";
  from: string;
  from_name: string;
  verified?: string; // the carrier's word on the caller's number: passed, failed, none
  to: string;
  line: string;
  meeting?: string;
  started: string;
  answered: string;
  cause: Cause;
  outcome: string;
  legs: LegView[];
  parked?: { slot: number; by?: string; since: string }; // slot 0: none yet
  recording?: CallRecording; // without: it is not to be recorded
  supervisors?: { user: string; how: Supervising }[]; // whom those in the call are shown
  supervising?: { leg: string; user: string; how: Supervising }; // we do not take part, we supervise it
  callback?: { queue: string; number: string; name: string; since: string; unwanted?: true }; // agents are rung to call who asked for it in a queue
  knocks?: string[]; // of a meeting: users who ask to be let in
  transfer?: Transfer;
};

export type RoomPerson = {
  leg: string;
  user: string;
  number: string;
  name: string;
  muted: boolean;
  camera: boolean;
  kind: LegView["kind"];
  state: LegView["state"];
  cause?: Cause; // why in vain
  call?: string; // as in LegView
  by?: string;
};

/** A meeting; knocking are the users who ask to be let in. */
export type Room = { room: string; node: string; title: string; people: RoomPerson[]; knocking?: string[] };

/** The card of a touch: whom it may be about, best first. */
export type CardEvent = {
  reason: "call" | "mail" | "meeting";
  activity: string;
  match: "exact" | "maybe" | "none";
  name: string;
  address: string;
  cards: CardView[];
  for: string[];
  responsible: string;
  lead?: string;
  rule?: string;
  call?: string;
};

export type Hello = {
  socket: string;
  user: User;
  calls: CallView[];
  my_legs: Record<string, string>;
  silent?: string[]; // servers that could not be asked: of their calls and rooms nothing is told here
  rooms: { room: string; node: string; title: string; people: string[] }[]; // people: user ids; meet.state tells the rest
  ice: RTCIceServer[];
  demo: boolean;
};

/** The server's offer of what to receive in a meeting; mid says which line carries whose stream. */
export type MeetOffer = { leg: string; sdp: string; tracks: { mid: string; leg: string; kind: "audio" | "video" }[] };

export type Events = {
  hello: Hello;
  "call.state": CallView;
  "call.leg": { call: string; leg: string; state: string };
  "call.gone": { leg: string; cause: Cause };
  "call.reoffer": { leg: string };
  "call.taken": { leg: string; socket: string };
  "card.open": CardEvent;
  notice: Record<string, never>;
  "lead.created": Record<string, unknown>;
  "mail.received": Record<string, unknown>;
  "mail.team": { mailbox: string; thread: string; what: "look" | "assigned" | "comment" };
  "mail.notice": { kind: "assigned" | "mentioned"; by: string; subject: string; mailbox: string; thread: string };
  "meet.invite": { room: string; title: string; from: string };
  "meet.uninvite": { room: string };
  "meet.declined": { room: string; user: string };
  "meet.admitted": { room: string };
  "meet.refused": { room: string };
  "meet.state": Room;
  "meet.offer": MeetOffer;
  "meet.gone": { leg: string; cause: Cause };
  "node.gone": { node: string };
  presence: Presence;
  "presence.shown": { people: Presence[] };
  changed: { kind: string; id: string }; // id "": of any record
};

type Presence = { user: string; online: boolean; busy: boolean; quiet?: boolean };
type Leg = { leg: string };
type Sdp = { sdp: string };

/** What a tab may ask, and what it gets. */
export type Operations = {
  ping: [unknown, unknown];
  "presence.show": [{ users: string[] }, unknown];
  "call.place": [{ to: string } & Sdp, { call: string } & Leg & Sdp];
  "call.fetch": [{ call: string } & Sdp, { call: string } & Leg & Sdp];
  "call.answer": [Leg & Sdp, Sdp];
  "call.offer": [Leg & Sdp, Sdp];
  "call.attach": [Leg & Partial<Sdp>, Partial<Sdp>]; // without an offer: over the connection there is
  "call.ice": [unknown, { ice: RTCIceServer[] }];
  "call.decline": [Leg, unknown];
  "call.hangup": [Leg, unknown];
  "call.hold": [Leg & { on: boolean }, unknown];
  "call.mute": [Leg & { kind: "audio"; on: boolean }, unknown];
  "call.digit": [Leg & { key: string; sent?: boolean }, unknown];
  "call.takeback": [Leg, unknown];
  "call.record": [Leg & { do: "start" | "pause" | "resume" | "stop" }, unknown];
  "call.supervise": [(({ call: string } & Sdp) | Leg) & { how: Supervising }, { call: string } & Leg & Sdp];
  "call.transfer": [Leg & ({ to: string } | { with: string }), unknown];
  "call.merge": [Leg & { with: string }, unknown];
  "leg.left": [Leg, unknown];
  "meet.join": [{ room: string; again?: boolean } & Sdp, Leg & Sdp];
  "meet.publish": [Leg & Sdp, Sdp];
  "meet.view": [Leg & { heights: Record<string, number> }, unknown];
  "meet.restart": [Leg, unknown];
  "meet.answer": [Leg & Sdp, unknown];
  "meet.attach": [Leg & Partial<Sdp>, Partial<Sdp>];
  "meet.mute": [Leg & { kind: "audio" | "video"; on: boolean }, unknown];
  "meet.invite": [{ room: string; user: string }, { rings: boolean }];
  "meet.knock": [{ room: string; over?: boolean }, { state?: "asked" | "empty" | "invited" }];
  "meet.admit": [Leg & { user: string; on: boolean }, unknown];
  "meet.decline": [{ room: string; from: string }, unknown];
  "meet.leave": [Leg, unknown];
  "meet.call": [Leg & { to: string }, unknown];
  "meet.remove": [Leg & { whom: string }, unknown];
};

/** Asks the server to do something and waits for its answer; rejects with LiveError. */
export type Ask = <O extends keyof Operations>(op: O, data: Operations[O][0]) => Promise<Operations[O][1]>;

/** What the server answered instead of doing it; code "offline" when the socket went away before the answer. */
export class LiveError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "LiveError";
  }
}

/** Whether an error tells only that the server is out of reach just now, and nothing of the call. */
export function passing(err: unknown): boolean {
  return err instanceof LiveError && (err.code === "offline" || err.code === "unreached");
}

/** Why we are no longer in a meeting, as an error that can be explained. */
export function putOut(cause: Cause): LiveError {
  if (cause === "forbidden") return new LiveError("put_out", "you are no longer invited to this meeting");
  if (cause === "not_found") return new LiveError("no_room", "the meeting was removed");
  return new LiveError("refused", `refused: ${cause}`);
}
