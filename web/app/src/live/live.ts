import { reroute, Tones } from "~/media/audio";
import type { DeviceKind } from "~/media/devices";
import { Meeting, type Sending } from "~/media/meeting";
import type { MicTold } from "~/media/mic";
import { Phone } from "~/media/phone";
import {
  type CallView,
  type Cause,
  type Hello,
  LiveError,
  putOut,
  type Room,
  type RoomPerson,
  type Supervising,
} from "./protocol";
import { roomOf } from "./rooms";
import { Shown } from "./shown";
import { Socket } from "./socket";
import { desk, type Invite, type LiveState, legOf, nothing, otherSide, ringing, talking } from "./state";
import { Store } from "./store";

/** The live side of the workplace: one socket, its calls and its meeting. */
export class Live {
  readonly store = new Store<LiveState>(nothing);
  readonly socket: Socket;
  readonly phone: Phone;
  readonly meeting: Meeting;
  private readonly tones = new Tones();
  private readonly dialled = new Map<string, string>(); // what was dialled on a leg, where one did not insist
  private readonly ended = new Map<string, Cause>(); // legs not ours to speak on, or not yet, and why they are over
  // A socket that goes meanwhile is told with the next hello.
  private readonly shown = new Shown((users) => void this.socket.ask("presence.show", { users }).catch(() => {}));

  /**
   * over is told why a call of this tab ended that nobody hung up, whom it was with where that is known, and what was dialled, unless one insisted; inVain, whom this user had called into a meeting in vain;
   * mic, what became of a microphone that went; refused, that the live connection did not open; out, why this tab is no longer in a meeting.
   */
  constructor(
    url: string,
    private readonly over: (cause: Cause, whom?: string, dialled?: string) => void = () => {},
    private readonly inVain: (person: RoomPerson) => void = () => {},
    mic: MicTold = () => {},
    refused: () => void = () => {},
    private readonly out: (why: LiveError) => void = () => {},
  ) {
    this.socket = new Socket(url, (status) => this.store.set({ status }), refused);
    const { ask } = this.socket;
    this.phone = new Phone(ask, this.tones, () => this.store.set({ legs: this.phone.legs }), mic);
    this.meeting = new Meeting(ask, () => this.store.set({ stage: this.meeting.stage }), mic);
    this.listen();
  }

  open(): void {
    addEventListener("pagehide", this.leaving);
    addEventListener("online", this.hurry);
    this.socket.open();
  }

  private readonly hurry = () => this.socket.hurry();

  /** Tells the server that the page is closed or loaded again: who does not come back is soon out. */
  private readonly leaving = () => {
    this.meeting.leaving();
    const legs = this.phone.legs.map(({ leg }) => leg);
    const { stage } = this.store.get();
    if (stage?.leg) legs.push(stage.leg);
    for (const leg of legs) void this.socket.ask("leg.left", { leg }).catch(() => {}); // nobody is left to be told
  };

  /** Ends this tab's part, at log-out. */
  close(): void {
    removeEventListener("pagehide", this.leaving);
    removeEventListener("online", this.hurry);
    this.phone.close();
    this.meeting.close();
    this.tones.play(undefined);
    this.socket.close();
    this.store.set({ ...nothing, leads: this.store.get().leads });
  }

  /** Calls a number or extension; insists: although it asked not to be called. */
  place = (to: string, insists = false) => this.begin(() => this.phone.place(to, insists), to, insists);

  /** Takes a call that waits for anybody, or goes on here with one of ours on another device. */
  fetch = (call: string) => this.begin(() => this.phone.fetch(call));

  /** Supervises a call of others. */
  supervise = (call: string, how: Supervising) => this.begin(() => this.phone.supervise(call, how));

  /** Changes who hears us in a call that we supervise. */
  async superviseAs(leg: string, how: Supervising): Promise<void> {
    await this.socket.ask("call.supervise", { leg, how });
  }

  private async begin(dial: () => Promise<{ call: string; leg: string }>, to?: string, insists = false): Promise<void> {
    await this.holdOthers();
    this.ended.clear();
    const { call, leg } = await dial();
    this.store.set({ mine: { ...this.store.get().mine, [leg]: call } });
    if (to && !insists) this.dialled.set(leg, to);
    const cause = this.ended.get(leg);
    if (cause !== undefined) return this.gone(leg, cause, to);
    const view = this.store.get().calls[call];
    if (view) this.phone.follow(view);
  }

  async answer(leg: string): Promise<void> {
    this.tones.play(undefined);
    await this.holdOthers(leg);
    await this.phone.answer(leg, this.callOf(leg));
  }

  /** Takes a running call over from another tab. */
  async takeOver(leg: string): Promise<void> {
    await this.phone.attach(leg, this.callOf(leg), this.muted(leg));
  }

  decline = (leg: string) => this.socket.ask("call.decline", { leg });
  async hold(leg: string, on: boolean): Promise<void> {
    if (!on) await this.holdOthers(leg);
    await this.socket.ask("call.hold", { leg, on });
  }

  /** Goes on with the next of our calls that waits, and has the one we speak in wait. */
  async swap(): Promise<void> {
    const all = talking(this.store.get()).filter(({ view }) => view.state === "answered");
    const now = all.findIndex(({ leg, view }) => !legOf(view, leg)?.held);
    const next = all[(now + 1) % all.length];
    if (next && all.length > 1) await this.hold(next.leg, false);
  }

  /** Holds the calls we speak in, but one: a client must not hear what is said to another. */
  private async holdOthers(but?: string): Promise<void> {
    const spoken = talking(this.store.get()).filter(
      ({ leg, view }) => view.state === "answered" && !legOf(view, leg)?.held,
    );
    const others = spoken.filter(({ leg }) => leg !== but);
    await Promise.allSettled(others.map(({ leg }) => this.socket.ask("call.hold", { leg, on: true }))); // one may end just now
  }

  /** Gives the other side to somebody else. How that goes, and that it came to nothing, call.state tells; only what may not be is an error. */
  async transfer(leg: string, to: string): Promise<void> {
    await this.socket.ask("call.transfer", { leg, to }).catch((err) => {
      if (!(err instanceof LiveError && err.code === "refused" && err.message !== "refused: forbidden")) throw err;
    });
  }

  /** Goes on with the device of a kind that was chosen just now, in all that runs. Rejects with DeviceError: the other stays. */
  async change(kind: DeviceKind): Promise<void> {
    if (kind === "ringer") return; // it is asked for when it rings
    if (kind === "audiooutput") return reroute();
    if (kind === "audioinput") await Promise.all([this.phone.changeMic(), this.meeting.changeMic()]);
    else if (this.meeting.stage?.camera) await this.meeting.film(true);
  }

  /** Leaves the other side to whoever takes it: the call is parked. */
  park = (leg: string) => this.transfer(leg, "park:");

  /** Has our own desk phone rung for a call: it goes on there when that is picked up. */
  toDesk = (leg: string) => this.transfer(leg, desk);

  /** Ends a transfer that nobody has answered. */
  takeBack = (leg: string) => this.socket.ask("call.takeback", { leg });
  /** Begins, pauses, goes on with or stops the recording of a call. */
  record = (leg: string, what: "start" | "pause" | "resume" | "stop") =>
    this.socket.ask("call.record", { leg, do: what });

  /** Joins the other sides of two calls of ours, which we leave. */
  joinCalls = (leg: string, other: string) => this.socket.ask("call.transfer", { leg, with: other });

  /** Has all of two calls of ours talk together, with us. */
  merge = (leg: string, other: string) => this.socket.ask("call.merge", { leg, with: other });

  /** Ends a call. When the server can't be told, it goes on here, too. */
  async hangup(leg: string): Promise<void> {
    await this.socket.ask("call.hangup", { leg }).catch((err) => {
      if (!(err instanceof LiveError && err.code === "not_found")) throw err; // else it is over already
    });
    this.drop(leg);
  }

  /** Comes into a room; again: beside another tab that is in it. */
  async join(room: string, sending: Sending, again = false): Promise<void> {
    this.uninvite(room);
    await this.meeting.join(room, sending, again);
  }

  /** Brings a meeting here from another tab. */
  async bring(room: string, leg: string, sending: Sending): Promise<void> {
    this.uninvite(room);
    await this.meeting.attach({ room, leg, ...sending });
  }

  async declineInvite({ room, from }: Invite): Promise<void> {
    this.uninvite(room);
    await this.socket.ask("meet.decline", { room, from });
  }

  /** Has the presence of a colleague told, until the returned function is called. */
  show = (user: string): (() => void) => this.shown.add(user);

  /** This tab now is the one that rings. */
  lead(): void {
    this.store.set({ leads: true });
    this.ring();
  }

  private listen(): void {
    const { socket, store } = this;
    socket.on("hello", (h) => this.hello(h));
    socket.on("call.state", (view) => this.follow(view));
    socket.on("call.leg", ({ call, leg }) => this.owns(leg, call));
    socket.on("call.reoffer", ({ leg }) => void this.phone.reoffer(leg).catch(lost));
    socket.on("call.gone", ({ leg, cause }) => this.gone(leg, cause));
    socket.on("call.taken", ({ leg, socket: by }) => this.taken(leg, by));
    socket.on("meet.offer", (offer) => void this.meeting.receive(offer));
    socket.on("meet.gone", ({ leg, cause }) => this.leftMeeting(leg, cause));
    socket.on("node.gone", ({ node }) => this.nodeGone(node));
    socket.on("meet.state", (room) => this.room(room));
    socket.on("meet.invite", (invite) => this.invited(invite));
    socket.on("meet.uninvite", ({ room }) => this.uninvite(room));
    socket.on("presence.shown", ({ people }) =>
      store.set({ online: Object.fromEntries((people ?? []).map(({ user, ...is }) => [user, is])) }),
    );
    socket.on("presence", ({ user, ...is }) => store.set({ online: { ...store.get().online, [user]: is } }));
    store.subscribe(() => this.ring());
    store.subscribe(() => this.suspect());
  }

  /** A leg of ours rings, or went on in another call. */
  private owns(leg: string, call: string): void {
    this.phone.move(leg, call);
    this.store.set({ mine: { ...this.store.get().mine, [leg]: call } });
  }

  private hello(h: Hello): void {
    const silent = this.kept((node) => h.silent?.includes(node) ?? false);
    this.store.set({
      socket: h.socket,
      me: h.user.id,
      demo: h.demo,
      calls: { ...silent.calls, ...Object.fromEntries((h.calls ?? []).map((c) => [c.call, c])) },
      mine: {
        ...silent.mine,
        ...Object.fromEntries(Object.entries(h.my_legs ?? {}).map(([call, leg]) => [leg, call])),
      },
      taken: {},
      rooms: {
        ...silent.rooms,
        ...Object.fromEntries((h.rooms ?? []).map((r) => [r.room, roomOf(r, h.calls ?? [])])),
      },
    });
    this.shown.again();
    this.phone.ice = this.meeting.ice = h.ice ?? [];
    for (const view of h.calls ?? []) this.phone.follow(view);
    this.resume(h.silent ?? []);
  }

  /** What is known of calls and rooms on the servers that which picks. */
  private kept(which: (node: string) => boolean): Pick<LiveState, "calls" | "mine" | "rooms"> {
    const { calls, mine, rooms } = this.store.get();
    return {
      calls: filter(calls, (_, view) => which(view.node)),
      mine: filter(mine, (leg) => which(nodeOf(leg))),
      rooms: filter(rooms, (_, room) => which(room.node)),
    };
  }

  /**
   * Picks up what this tab was doing before its socket went or its page was loaded again. What runs on a silent server is left as it is:
   * that one comes back, or is told to be gone.
   */
  private resume(silent: string[]): void {
    const { mine, calls } = this.store.get();
    for (const leg of this.phone.remembered().filter((leg) => !silent.includes(nodeOf(leg)))) {
      const call = mine[leg] ?? "";
      if (calls[call]) void this.phone.resume(leg, call, this.muted(leg)).catch(lost);
      else this.vanish(leg, "ended_away");
    }
    const meeting = this.meeting.remembered();
    if (!meeting || silent.includes(nodeOf(meeting.leg))) return;
    if (mine[meeting.leg]) void this.meeting.resume(meeting).catch(lost);
    else if (this.meeting.stage) this.rejoin();
    else void this.meeting.comeBack(meeting).catch(lost);
  }

  /** A server went with its calls and meetings: the calls are over, a meeting begins again on another. */
  private nodeGone(node: string): void {
    this.store.set(this.kept((other) => other !== node));
    for (const { leg } of this.phone.legs) if (nodeOf(leg) === node) this.vanish(leg, "cut_off");
    const { stage } = this.store.get();
    if (stage && nodeOf(stage.leg) === node) this.rejoin();
  }

  /** Lets go of a leg whose call is over, and tells if this tab spoke on it. */
  private vanish(leg: string, cause: Cause): void {
    const spoke = this.phone.has(leg);
    this.phone.release(leg);
    if (spoke) this.over(cause);
  }

  /** A leg of ours is over, which may be told before it is told to be ours. */
  private gone(leg: string, cause: Cause, to?: string): void {
    const call = this.callOf(leg);
    // What was dialled is told of also where all was over before the line was open.
    if (!call || (to === undefined && !this.phone.has(leg))) return void this.ended.set(leg, cause);
    const view = this.store.get().calls[call];
    const whom = view && otherSide(view, leg);
    const dialled = this.dialled.get(leg);
    this.drop(leg);
    if (view?.supervising?.leg === leg) this.store.set({ calls: filter(this.store.get().calls, (id) => id !== call) });
    if (!wished.includes(cause)) this.over(cause, whom?.name || whom?.number || to, dialled);
  }

  private drop(leg: string): void {
    this.phone.release(leg);
    this.dialled.delete(leg);
    this.store.set({ mine: filter(this.store.get().mine, (other) => other !== leg) });
  }

  private rejoin(): void {
    void this.meeting.rejoin().catch(lost);
  }

  /** Our leg in a meeting is over: we come in again where the server failed us, and say why where it was somebody's wish. */
  private leftMeeting(leg: string, cause: string): void {
    if (!this.meeting.over(leg, cause)) return;
    if (serverLeft.includes(cause)) return this.rejoin();
    this.meeting.close();
    if (cause !== "normal" && cause !== "elsewhere") this.out(putOut(cause));
  }

  private follow(view: CallView): void {
    const calls = { ...this.store.get().calls, [view.call]: view };
    if (view.state === "ended") delete calls[view.call];
    const mine = { ...this.store.get().mine };
    for (const l of view.legs) if (l.state === "gone" && mine[l.leg] === view.call) delete mine[l.leg];
    this.store.set({ calls, mine });
    this.phone.follow(view);
  }

  private room(room: Room): void {
    const { rooms, me } = this.store.get();
    const rang = rooms[room.room]?.people.filter((p) => p.state === "ringing" && p.by === me).map((p) => p.call) ?? [];
    this.store.set({ rooms: { ...rooms, [room.room]: room } });
    for (const p of room.people) if (p.state === "failed" && rang.includes(p.call)) this.inVain(p);
  }

  private taken(leg: string, by: string): void {
    const { socket, taken, stage } = this.store.get();
    this.store.set({ taken: { ...taken, [leg]: by } });
    if (by === socket) return;
    this.phone.release(leg);
    if (stage?.leg === leg) this.meeting.close();
  }

  private invited(invite: Invite): void {
    const others = this.store.get().invites.filter((i) => i.room !== invite.room);
    this.store.set({ invites: [...others, invite] });
    setTimeout(() => this.store.set({ invites: this.store.get().invites.filter((i) => i !== invite) }), inviteRings);
  }

  /** An invitation rings no longer in this tab: the person saw it. */
  heard(invite: Invite): void {
    this.uninvite(invite.room);
  }

  private uninvite(room: string): void {
    this.store.set({ invites: this.store.get().invites.filter((i) => i.room !== room) });
  }

  private ring(): void {
    const state = this.store.get();
    const rings = state.leads && state.legs.length === 0 && (ringing(state).length > 0 || state.invites.length > 0);
    if (rings) this.tones.play("ring");
    else if (state.legs.length === 0) this.tones.play(undefined);
  }

  /** Where nothing comes through any more the socket may be gone as well, and tells nobody. */
  private suspect(): void {
    const { legs, stage } = this.store.get();
    if ([...legs, stage].some((at) => at?.connection === "disconnected")) this.socket.doubt();
  }

  private callOf(leg: string): string {
    return this.store.get().mine[leg] ?? "";
  }

  private muted(leg: string): boolean {
    const view = this.store.get().calls[this.callOf(leg)];
    return (view && legOf(view, leg)?.muted) ?? false;
  }
}

/** How long an invitation rings, in ms, should nobody be left to say that it is over. */
const inviteRings = 45_000;

/** Causes of a leg's end that are somebody's wish, and no news to who speaks on it. */
const wished = ["", "normal", "cancelled", "elsewhere"];

/** Causes of a leg's end that are the server's, not anybody's wish. */
const serverLeft = ["draining", "media_lost", "cut_off"];

/** The server that a leg is on. */
function nodeOf(leg: string): string {
  return leg.includes(".") ? leg.slice(0, leg.indexOf(".")) : "";
}

function filter<T>(of: Record<string, T>, when: (key: string, value: T) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([key, value]) => when(key, value)));
}

function lost(err: unknown): void {
  console.warn("live:", err);
}
