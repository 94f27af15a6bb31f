import type { Ask, MeetOffer } from "~/live/protocol";
import { speaker } from "./audio";
import { camera, microphone } from "./devices";

/** What somebody in the meeting sends us. */
export type Feed = { leg: string; video?: MediaStream; level: number };

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
};

/** What to send on coming in. */
export type Sending = { audio: boolean; video: boolean };

type Playing = {
  leg: string;
  kind: "audio" | "video";
  track: MediaStreamTrack;
  receiver: RTCRtpReceiver;
  stop: () => void;
};

/** The meeting this tab is in, remembered through a reload of the tab. */
const memory = "frontdesk.meeting";
const levelEvery = 250; // ms
const speech = 0.02; // audio level, 0 … 1, that counts as speaking

const rejoinWaits = [500, 1000, 2000, 4000, 8000]; // ms

export type Remembered = { room: string; leg: string } & Sending;

/**
 * The meeting of this tab: one peer connection that sends (we offer), one that receives (the server offers), so that
 * offers never cross. Who is in it is told by meet.state; this carries only pictures and sound.
 */
export class Meeting {
  ice: RTCIceServer[] = [];
  private up?: RTCPeerConnection;
  private down?: RTCPeerConnection;
  private tracks: Partial<Record<"audio" | "video", MediaStreamTrack>> = {};
  private readonly playing = new Map<string, Playing>(); // by mid
  private offers: Promise<void> = Promise.resolve();
  private timer?: ReturnType<typeof setInterval>;
  private state?: Stage;

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
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
  async join(room: string, sending: Sending): Promise<void> {
    await this.enter(room, sending, (sdp) => this.ask("meet.join", { room, sdp }));
  }

  /** Carries on with a leg after a reload or a lost socket. */
  async attach({ room, leg, ...sending }: Remembered): Promise<void> {
    await this.enter(room, sending, async (sdp) => ({ leg, ...(await this.ask("meet.attach", { leg, sdp })) }), leg);
  }

  /** Comes in again when the server that ran the meeting went: it takes some seconds until another one may. */
  async rejoin(): Promise<void> {
    const before = this.remembered();
    if (!before) return;
    for (const wait of rejoinWaits) {
      try {
        return await this.join(before.room, before);
      } catch (err) {
        console.warn("meeting: rejoin", err);
        await new Promise((done) => setTimeout(done, wait));
      }
    }
    await this.join(before.room, before);
  }

  /** Answers the server's offer of streams. Offers are taken one after another. */
  receive(offer: MeetOffer): Promise<void> {
    this.offers = this.offers.then(() => this.answer(offer)).catch((err) => console.warn("meeting: offer", err));
    return this.offers;
  }

  async mute(on: boolean): Promise<void> {
    if (!this.state) return;
    if (!on && !this.tracks.audio) await this.send("audio", await microphone());
    if (this.tracks.audio) this.tracks.audio.enabled = !on;
    this.set({ muted: on });
    await this.ask("meet.mute", { leg: this.state.leg, kind: "audio", on });
  }

  /** Turns the camera on or off; off means its light goes out. */
  async film(on: boolean): Promise<void> {
    if (!this.state) return;
    if (on) await this.send("video", await camera());
    else await this.unsend("video");
    this.set({ camera: on, preview: this.preview() });
    await this.ask("meet.mute", { leg: this.state.leg, kind: "video", on: !on });
  }

  /** Calls a number in; resolves once it rings. */
  async call(to: string): Promise<void> {
    if (this.state) await this.ask("meet.call", { leg: this.state.leg, to });
  }

  /** Hangs up somebody who is in by phone. */
  async remove(whom: string): Promise<void> {
    if (this.state) await this.ask("meet.remove", { leg: this.state.leg, whom });
  }

  async leave(): Promise<void> {
    const leg = this.state?.leg;
    this.close();
    if (leg) await this.ask("meet.leave", { leg });
  }

  /** Lets go of everything; the server is not told. */
  close(): void {
    clearInterval(this.timer);
    for (const mid of [...this.playing.keys()]) this.forget(mid);
    for (const t of Object.values(this.tracks)) t.stop();
    this.tracks = {};
    this.up?.close();
    this.down?.close();
    this.up = this.down = undefined;
    this.state = undefined;
    sessionStorage.removeItem(memory);
    this.changed();
  }

  private async enter(
    room: string,
    sending: Sending,
    ask: (sdp: string) => Promise<{ leg: string; sdp: string }>,
    leg = "",
  ): Promise<void> {
    this.close();
    await this.capture(sending);
    const up = this.publisher();
    this.state = {
      room,
      leg,
      muted: !sending.audio,
      camera: !!this.tracks.video,
      preview: this.preview(),
      feeds: [],
      connection: "new",
    };
    try {
      await up.setLocalDescription(await up.createOffer());
      const answer = await ask(up.localDescription!.sdp);
      this.set({ leg: answer.leg });
      await up.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.timer = setInterval(() => this.listen(), levelEvery);
      await this.tell(answer.leg, sending);
    } catch (err) {
      this.close();
      throw err;
    }
  }

  /** Tells the others what is off from the beginning. */
  private async tell(leg: string, sending: Sending): Promise<void> {
    if (!sending.audio) await this.ask("meet.mute", { leg, kind: "audio", on: true });
    if (!this.tracks.video) await this.ask("meet.mute", { leg, kind: "video", on: true });
  }

  private async capture(sending: Sending): Promise<void> {
    this.tracks.audio = await microphone().catch(() => undefined);
    if (this.tracks.audio) this.tracks.audio.enabled = sending.audio;
    if (sending.video) this.tracks.video = await camera().catch(() => undefined);
  }

  private publisher(): RTCPeerConnection {
    const pc = new RTCPeerConnection({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    pc.addTransceiver(this.tracks.audio ?? "audio", { direction: "sendonly" });
    const video = pc.addTransceiver(this.tracks.video ?? "video", { direction: "sendonly" });
    preferVP8(video);
    pc.onconnectionstatechange = () => this.set({ connection: pc.connectionState });
    this.up = pc;
    return pc;
  }

  private sender(kind: "audio" | "video"): RTCRtpSender | undefined {
    return this.up?.getTransceivers()[kind === "audio" ? 0 : 1]?.sender;
  }

  private async send(kind: "audio" | "video", track: MediaStreamTrack): Promise<void> {
    this.tracks[kind]?.stop();
    this.tracks[kind] = track;
    await this.sender(kind)?.replaceTrack(track);
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
    const whose = new Map(offer.tracks.map((t) => [t.mid, t]));
    await pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    await this.ask("meet.answer", { leg: offer.leg, sdp: pc.localDescription!.sdp });
    for (const t of pc.getTransceivers()) this.assign(t, t.mid === null ? undefined : whose.get(t.mid));
    this.refresh();
  }

  private subscriber(): RTCPeerConnection {
    return new RTCPeerConnection({ iceServers: this.ice, bundlePolicy: "max-bundle" });
  }

  /** Gives what a line carries to the person it belongs to, or takes it away. */
  private assign(t: RTCRtpTransceiver, from: MeetOffer["tracks"][number] | undefined): void {
    const mid = t.mid ?? "";
    const now = this.playing.get(mid);
    if (now && now.leg === from?.leg) return;
    this.forget(mid);
    if (!from) return;
    const { receiver } = t;
    const stop = from.kind === "audio" ? speaker(new MediaStream([receiver.track]), from.leg) : () => {};
    this.playing.set(mid, { ...from, track: receiver.track, receiver, stop });
  }

  private forget(mid: string): void {
    this.playing.get(mid)?.stop();
    this.playing.delete(mid);
  }

  /** The feeds by person, keeping streams that did not change so that pictures do not blink. */
  private refresh(): void {
    const old = new Map(this.state?.feeds.map((f) => [f.leg, f]));
    const feeds = new Map<string, Feed>();
    for (const p of this.playing.values()) {
      const feed = feeds.get(p.leg) ?? { leg: p.leg, level: 0 };
      if (p.kind === "video") feed.video = sameStream(old.get(p.leg)?.video, p.track);
      feeds.set(p.leg, feed);
    }
    this.set({ feeds: [...feeds.values()] });
  }

  /** Notes who is the loudest. */
  private listen(): void {
    let loudest: { leg: string; level: number } | undefined;
    for (const p of this.playing.values()) {
      if (p.kind !== "audio") continue;
      const level = p.receiver.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
      if (level > (loudest?.level ?? speech)) loudest = { leg: p.leg, level };
    }
    if (loudest && loudest.leg !== this.state?.speaking) this.set({ speaking: loudest.leg });
  }

  private set(change: Partial<Stage>): void {
    if (!this.state) return;
    this.state = { ...this.state, ...change };
    const { room, leg, muted, camera: video } = this.state;
    if (leg) sessionStorage.setItem(memory, JSON.stringify({ room, leg, audio: !muted, video } satisfies Remembered));
    this.changed();
  }
}

function sameStream(old: MediaStream | undefined, track: MediaStreamTrack): MediaStream {
  return old?.getTracks()[0] === track ? old : new MediaStream([track]);
}

/** VP8 first: the one video codec every browser must both send and receive (RFC 7742 §5). */
function preferVP8(t: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs;
  if (!codecs || !t.setCodecPreferences) return;
  const vp8 = (c: { mimeType: string }) => c.mimeType.toLowerCase() === "video/vp8";
  t.setCodecPreferences([...codecs.filter(vp8), ...codecs.filter((c) => !vp8(c))]);
}
