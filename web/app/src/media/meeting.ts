import { type Ask, type Cause, LiveError, type MeetOffer, passing, putOut } from "~/live/protocol";
import { camera, microphone } from "./devices";
import { type Feed, Feeds } from "./feeds";
import { Mic, type MicTold } from "./mic";
import { videoLine } from "./publish";
import { Sizes } from "./sizes";
import { type Trouble, Watch } from "./watch";

/** What the stage shows of this tab's part in a meeting. */
export type Stage = {
  room: string;
  leg: string;
  muted: boolean;
  camera: boolean;
  preview?: MediaStream;
  feeds: Feed[];
  speaking?: string; // leg of the loudest
  connection: RTCPeerConnectionState;
  away: boolean; // its server went: we come in again
};

/** What to send on coming in. */
export type Sending = { audio: boolean; video: boolean };

type Tracks = { audio?: MediaStreamTrack | undefined; video?: MediaStreamTrack | undefined };

/** The meeting this tab is in, remembered through a reload of the tab. */
const memory = "frontdesk.meeting";
const levelEvery = 250; // ms

const rejoinWaits = [500, 1000, 2000, 4000, 8000]; // ms

/** left is when the page was closed or loaded again, in ms. */
export type Remembered = { room: string; leg: string; left?: number } & Sending;

/** How long after a reload one comes in again though the server gave the leg up, in ms. */
const reloading = 60_000;

/**
 * The meeting of this tab: one peer connection that sends (we offer), one that receives (the server offers), so that
 * offers never cross. Who is in it is told by meet.state; this carries only pictures and sound.
 */
export class Meeting {
  ice: RTCIceServer[] = [];
  private up?: RTCPeerConnection;
  private down?: RTCPeerConnection;
  private watches: Watch[] = [];
  private mic?: Mic;
  private readonly sizes = new Sizes(async (heights) => {
    if (this.state?.leg) await this.ask("meet.view", { leg: this.state.leg, heights });
  });
  private tracks: Tracks = {};
  private readonly feeds = new Feeds();
  private offers: Promise<void> = Promise.resolve();
  private timer?: ReturnType<typeof setInterval>;
  private state?: Stage;
  private readonly ended = new Map<string, Cause>(); // legs that were over before we were told that they are ours
  private turn = 0; // of coming in: a later one, or leaving, overrules those under way

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
    private readonly micTold: MicTold = () => {},
  ) {}

  /** The stage as last changed; undefined outside a meeting. */
  get stage(): Stage | undefined {
    return this.state;
  }

  remembered(): Remembered | undefined {
    const text = sessionStorage.getItem(memory);
    return text ? (JSON.parse(text) as Remembered) : undefined;
  }

  /** Comes into a room. What cannot be opened is not sent: a person without a camera still takes part. */
  async join(room: string, sending: Sending, again = false): Promise<void> {
    await this.orClose(this.enter(room, sending, (sdp) => this.ask("meet.join", { room, sdp, again })));
  }

  /** A leg is over. True when it is the one we are in by; one that we do not know yet is perhaps the one we are coming in by. */
  over(leg: string, cause: Cause): boolean {
    if (this.state?.leg === "") this.ended.set(leg, cause);
    return this.state?.leg === leg;
  }

  /** Comes in again after a reload that took longer than the server keeps a leg. */
  async comeBack({ room, left = 0, ...sending }: Remembered): Promise<void> {
    if (Date.now() - left < reloading) await this.join(room, sending);
    else this.close();
  }

  /** The page is being closed or loaded again. */
  leaving(): void {
    const now = this.remembered();
    if (now && this.state) sessionStorage.setItem(memory, JSON.stringify({ ...now, left: Date.now() }));
  }

  /** Carries on with a leg over a new socket: on the connections there are while they live, else on new ones. */
  async resume(before: Remembered): Promise<void> {
    if (this.state?.leg === before.leg && this.flows()) {
      try {
        await this.ask("meet.attach", { leg: before.leg });
        return;
      } catch (err) {
        if (passing(err)) return; // it flows, and is resumed with the next socket
      }
    }
    await this.attach(before);
  }

  /** Carries on with a leg after a reload; or comes in again, where the server gave it up while devices were opened. */
  async attach(before: Remembered): Promise<void> {
    const { room, leg, left: _, ...sending } = before;
    const ask = async (sdp: string) => ({ leg, sdp: (await this.ask("meet.attach", { leg, sdp })).sdp! });
    try {
      await this.orClose(this.enter(room, sending, ask, leg));
    } catch (err) {
      const gaveUp = err instanceof LiveError && err.code === "not_found" && !this.state;
      if (!before.left || !gaveUp) throw err;
      await this.comeBack(before);
    }
  }

  /** Comes in again when the server that ran the meeting went: it takes some seconds until another one may. The stage stays. */
  async rejoin(): Promise<void> {
    if (!this.state || this.state.away) return;
    this.set({ away: true, feeds: [] });
    for (const wait of rejoinWaits) {
      const { room, muted, camera } = this.state;
      const sending = { audio: !muted, video: camera };
      const entered = this.enter(room, sending, (sdp) => this.ask("meet.join", { room, sdp, again: true }));
      const turn = this.turn;
      try {
        return await entered;
      } catch (err) {
        console.warn("meeting: rejoin", err);
      }
      await new Promise((done) => setTimeout(done, wait));
      if (turn !== this.turn) return; // left, or came in otherwise
    }
    this.close();
  }

  private flows(): boolean {
    const down = this.down?.connectionState ?? "connected"; // none until somebody else is there
    return this.up?.connectionState === "connected" && down === "connected";
  }

  private async orClose(entered: Promise<void>): Promise<void> {
    const { turn } = this;
    try {
      await entered;
    } catch (err) {
      if (turn === this.turn) this.close();
      throw err;
    }
  }

  /** Answers the server's offer of streams. Offers are taken one after another. */
  receive(offer: MeetOffer): Promise<void> {
    this.offers = this.offers.then(() => this.answer(offer)).catch((err) => console.warn("meeting: offer", err));
    return this.offers;
  }

  async mute(on: boolean): Promise<void> {
    if (!this.state) return;
    if (!on && !this.tracks.audio) await this.speakInto(await microphone());
    if (this.tracks.audio) this.tracks.audio.enabled = !on;
    this.set({ muted: on });
    await this.say("audio", on);
  }

  /** Speaks into the microphone chosen now. */
  async changeMic(): Promise<void> {
    if (!this.state) return;
    if (this.mic) await this.mic.change();
    else await this.speakInto(await microphone());
  }

  /** Turns the camera on or off; off means its light goes out. */
  async film(on: boolean): Promise<void> {
    if (!this.state) return;
    if (on) await this.send("video", await camera());
    else await this.unsend("video");
    this.set({ camera: on, preview: this.preview() });
    await this.say("video", !on);
  }

  /** Notes how high somebody's picture is shown, in CSS pixels; undefined: no more. */
  shown(leg: string, height: number | undefined): void {
    this.sizes.note(leg, height);
  }

  /** Tells the others what is off. On the way in it is told on arrival. */
  private async say(kind: "audio" | "video", on: boolean): Promise<void> {
    const { leg, away } = this.state ?? {};
    if (leg && !away) await this.ask("meet.mute", { leg, kind, on });
  }

  /** Calls a number in; resolves once it is being called. */
  async call(to: string): Promise<void> {
    if (this.state) await this.ask("meet.call", { leg: this.state.leg, to });
  }

  /** Puts out somebody who is in by phone, stops calling him, or no longer shows that it was in vain. */
  async remove(whom: string): Promise<void> {
    if (this.state) await this.ask("meet.remove", { leg: this.state.leg, whom });
  }

  /** Lets in, or turns away, somebody who asks to come in. */
  async admit(user: string, on: boolean): Promise<void> {
    if (this.state) await this.ask("meet.admit", { leg: this.state.leg, user, on });
  }

  async leave(): Promise<void> {
    const { leg, away } = this.state ?? {};
    this.close();
    if (leg && !away) await this.ask("meet.leave", { leg });
  }

  /** Lets go of everything; the server is not told. */
  close(): void {
    this.turn++;
    this.disconnect();
    this.mic?.release();
    for (const t of Object.values(this.tracks)) t?.stop();
    this.tracks = {};
    this.state = undefined;
    sessionStorage.removeItem(memory);
    this.changed();
  }

  private disconnect(): void {
    clearInterval(this.timer);
    for (const w of this.watches) w.stop();
    this.watches = [];
    this.feeds.clear();
    this.up?.close();
    this.down?.close();
    this.up = this.down = undefined;
  }

  /** Connects anew, in place of what is connected. Microphone and camera stay as they are when they are open. */
  private async enter(
    room: string,
    sending: Sending,
    ask: (sdp: string) => Promise<{ leg: string; sdp: string }>,
    leg = "",
  ): Promise<void> {
    const turn = ++this.turn;
    this.disconnect();
    if (room !== this.state?.room) this.state = undefined;
    const tracks = await this.capture(sending);
    if (turn !== this.turn) return this.discard(tracks);
    this.tracks = tracks;
    this.tend();
    this.ended.clear();
    const up = this.publisher();
    const { away = false } = this.state ?? {};
    const { muted, camera } = { muted: !sending.audio, camera: !!this.tracks.video };
    this.state = { room, leg, muted, camera, preview: this.preview(), feeds: [], connection: "new", away };
    await up.setLocalDescription(await up.createOffer());
    const answer = await ask(up.localDescription!.sdp);
    if (turn !== this.turn) return this.abandon(answer.leg);
    const cause = this.ended.get(answer.leg);
    if (cause !== undefined) throw putOut(cause);
    this.set({ leg: answer.leg, away: false });
    this.sizes.again();
    await up.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.timer = setInterval(() => this.listen(), levelEvery);
    if (this.state.muted) await this.say("audio", true);
    if (!this.state.camera) await this.say("video", true);
  }

  /** We left, or came in otherwise, while the server let us in. */
  private async abandon(leg: string): Promise<void> {
    if (leg !== this.state?.leg) await this.ask("meet.leave", { leg });
  }

  private async capture(sending: Sending): Promise<Tracks> {
    const tracks = { ...this.tracks };
    tracks.audio ??= await microphone().catch(() => undefined);
    if (sending.video) tracks.video ??= await camera().catch(() => undefined);
    if (tracks.audio) tracks.audio.enabled = sending.audio;
    return tracks;
  }

  /** Another microphone takes the place of one that went, or of none. */
  private async speakInto(track: MediaStreamTrack): Promise<void> {
    track.enabled = !this.state?.muted;
    await this.send("audio", track);
    this.tend();
  }

  /** Has the microphone looked after. */
  private tend(): void {
    this.mic?.release();
    const { audio } = this.tracks;
    this.mic = audio && new Mic(audio, (track) => this.speakInto(track), this.micTold);
  }

  private discard(tracks: Tracks): void {
    const kept = Object.values(this.tracks);
    for (const t of Object.values(tracks)) if (t && !kept.includes(t)) t.stop();
  }

  private publisher(): RTCPeerConnection {
    const pc = new RTCPeerConnection({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    pc.addTransceiver(this.tracks.audio ?? "audio", { direction: "sendonly" });
    videoLine(pc, this.tracks.video);
    pc.onconnectionstatechange = () => this.set({ connection: pc.connectionState });
    this.up = pc;
    this.watch(pc, () => this.republish(pc));
    return pc;
  }

  /** Has a connection mended: over another way while it can be, else both are made anew. */
  private watch(pc: RTCPeerConnection, restart: () => Promise<void>): void {
    const mend = async (trouble: Trouble) => {
      if (!this.state?.leg || this.state.away) return;
      if (trouble === "dead") return this.renew();
      await this.freshen(pc);
      await restart();
    };
    const told = (stuck: boolean) => this.set({ connection: stuck ? "disconnected" : pc.connectionState });
    this.watches.push(new Watch(pc, mend, told));
  }

  /** Gives the connection log-ins for the relay that are good still. */
  private async freshen(pc: RTCPeerConnection): Promise<void> {
    this.ice = (await this.ask("call.ice", {})).ice ?? this.ice;
    pc.setConfiguration({ iceServers: this.ice, bundlePolicy: "max-bundle" });
  }

  /** Offers what it sends over another way. */
  private async republish(pc: RTCPeerConnection): Promise<void> {
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    const { sdp } = await this.ask("meet.publish", { leg: this.state!.leg, sdp: pc.localDescription!.sdp });
    if (pc === this.up) await pc.setRemoteDescription({ type: "answer", sdp });
  }

  /** Goes on with the leg over new connections; where the server gave it up, comes in again. */
  private async renew(): Promise<void> {
    const { room, leg, muted, camera } = this.state!;
    const ask = async (sdp: string) => ({ leg, sdp: (await this.ask("meet.attach", { leg, sdp })).sdp! });
    try {
      await this.enter(room, { audio: !muted, video: camera }, ask, leg);
    } catch (err) {
      if (!passing(err)) await this.rejoin(); // else it is resumed with the next socket
    }
  }

  private sender(kind: "audio" | "video"): RTCRtpSender | undefined {
    return this.up?.getTransceivers()[kind === "audio" ? 0 : 1]?.sender;
  }

  private async send(kind: "audio" | "video", track: MediaStreamTrack): Promise<void> {
    const before = this.tracks[kind];
    this.tracks[kind] = track;
    await this.sender(kind)?.replaceTrack(track);
    before?.stop();
  }

  private async unsend(kind: "audio" | "video"): Promise<void> {
    this.tracks[kind]?.stop();
    delete this.tracks[kind];
    await this.sender(kind)?.replaceTrack(null);
  }

  private preview(): MediaStream | undefined {
    return this.tracks.video && new MediaStream([this.tracks.video]);
  }

  private async answer(offer: MeetOffer): Promise<void> {
    if (!this.up || (this.state?.leg && this.state.leg !== offer.leg)) return;
    this.down ??= this.subscriber();
    const pc = this.down;
    await pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    await this.ask("meet.answer", { leg: offer.leg, sdp: pc.localDescription!.sdp });
    this.feeds.assign(pc, offer.tracks);
    this.set({ feeds: this.feeds.list(this.state?.feeds ?? []) });
  }

  private subscriber(): RTCPeerConnection {
    const pc = new RTCPeerConnection({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    this.watch(pc, async () => void (await this.ask("meet.restart", { leg: this.state!.leg })));
    return pc;
  }

  /** Notes who is the loudest. */
  private listen(): void {
    const loudest = this.feeds.loudest();
    if (loudest && loudest !== this.state?.speaking) this.set({ speaking: loudest });
  }

  private set(change: Partial<Stage>): void {
    if (!this.state) return;
    this.state = { ...this.state, ...change };
    const { room, leg, muted, camera: video } = this.state;
    if (leg) sessionStorage.setItem(memory, JSON.stringify({ room, leg, audio: !muted, video } satisfies Remembered));
    this.changed();
  }
}
