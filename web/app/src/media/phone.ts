import { type Ask, type CallView, passing, type Supervising } from "~/live/protocol";
import { speaker, type Tones } from "./audio";
import { microphone } from "./devices";
import { Mic, type MicTold } from "./mic";
import { Meter, type Quality } from "./quality";
import { type Trouble, Watch } from "./watch";

/** What the page shows of the sound of one leg. */
export type LegMedia = {
  leg: string;
  muted: boolean;
  connection: RTCPeerConnectionState;
  blocked: boolean; // the browser wants a click before it plays
  quality?: Quality; // of the last seconds; undefined until known
};

type Line = LegMedia & {
  call: string;
  pc: RTCPeerConnection;
  mic: MediaStreamTrack;
  sender: RTCRtpSender;
  hears: boolean; // sound from the other side has begun
  silence: () => void;
  closed: AbortController; // what a connection is asked that is closed meanwhile it never answers
  watch: Watch;
  tended: Mic;
};

/** The legs this tab speaks on, remembered through a reload of the tab. */
const memory = "frontdesk.legs";

/**
 * The calls of this tab: one peer connection each. Calls themselves live at the server; the phone only carries their
 * sound, and follows what call.state tells.
 */
export class Phone {
  ice: RTCIceServer[] = [];
  private readonly lines = new Map<string, Line>();
  private snapshot: readonly LegMedia[] = [];

  constructor(
    private readonly ask: Ask,
    private readonly tones: Tones,
    private readonly changed: () => void,
    private readonly mic: MicTold = () => {},
  ) {}

  /** The legs as last changed; the same array until they change again. */
  get legs(): readonly LegMedia[] {
    return this.snapshot;
  }

  /** Legs this tab spoke on, before a reload too. */
  remembered(): string[] {
    return JSON.parse(sessionStorage.getItem(memory) ?? "[]") as string[];
  }

  /** Whether this tab speaks on a leg now. */
  has(leg: string): boolean {
    return this.lines.has(leg);
  }

  /** Calls a number or extension; resolves when the server took the call. Rejects with DeviceError or LiveError. */
  place(to: string, insists = false): Promise<{ call: string; leg: string }> {
    return this.placed((sdp) => this.ask("call.place", { to, sdp, ...(insists && { anyway: true }) }));
  }

  /** Comes into a running call: one that waits to be taken, or goes on here. Rejects as place does. */
  fetch(call: string): Promise<{ call: string; leg: string }> {
    return this.placed((sdp) => this.ask("call.fetch", { call, sdp }));
  }

  /** Supervises a running call of others. Rejects as place does. */
  supervise(call: string, how: Supervising): Promise<{ call: string; leg: string }> {
    return this.placed((sdp) => this.ask("call.supervise", { call, how, sdp }));
  }

  private async placed(ask: (sdp: string) => Promise<{ call: string; leg: string; sdp: string }>) {
    const line = await this.open();
    return this.begin(line, async (sdp) => {
      const answer = await ask(sdp);
      line.call = answer.call;
      return answer;
    });
  }

  /** Takes a ringing leg. */
  async answer(leg: string, call: string): Promise<void> {
    await this.take("call.answer", leg, call);
  }

  /** Carries on with a leg over a new socket: the sound goes on where it still flows, else a new connection takes it up. */
  async resume(leg: string, call: string, muted: boolean): Promise<void> {
    const line = this.lines.get(leg);
    if (line?.pc.connectionState === "connected") {
      try {
        await this.ask("call.attach", { leg });
        return;
      } catch (err) {
        if (passing(err)) return; // it flows, and is resumed with the next socket
      }
    }
    await this.attach(leg, call, line?.muted ?? muted);
  }

  /** Carries on with a running leg after a reload or in place of another tab; who was muted stays so. */
  async attach(leg: string, call: string, muted: boolean): Promise<void> {
    await this.take("call.attach", leg, call, muted);
  }

  /** Offers anew on a leg's connection: the server asked for it, or it shall go another way. */
  async reoffer(leg: string, iceRestart = false): Promise<void> {
    const line = this.lines.get(leg);
    if (!line) return;
    await line.pc.setLocalDescription(await line.pc.createOffer({ iceRestart }));
    const { sdp } = await this.ask("call.offer", { leg, sdp: line.pc.localDescription!.sdp });
    await line.pc.setRemoteDescription({ type: "answer", sdp });
  }

  /** Stops or starts sending the voice; the server only shows it. */
  async mute(leg: string, on: boolean): Promise<void> {
    const line = this.lines.get(leg);
    if (!line) return;
    this.quiet(line, on);
    this.publish();
    await this.ask("call.mute", { leg, kind: "audio", on });
  }

  /** Speaks into the microphone chosen now, in each call. */
  async changeMic(): Promise<void> {
    await Promise.all([...this.lines.values()].map((line) => line.tended.change()));
  }

  /** Presses a key of the dial pad: 0-9, *, #, A-D. */
  async digit(leg: string, key: string): Promise<void> {
    const dtmf = this.lines.get(leg)?.sender.dtmf;
    const sent = dtmf?.canInsertDTMF ?? false;
    if (sent) dtmf?.insertDTMF(key, 160, 60);
    await this.ask("call.digit", { leg, key, sent });
  }

  /** Follows a call: rings back to the caller, and lets go of legs that are over. */
  follow(view: CallView): void {
    for (const line of this.lines.values()) {
      if (line.call !== view.call) continue;
      const mine = view.legs.find((l) => l.leg === line.leg);
      if (view.state === "ended" || mine?.state === "gone") this.release(line.leg);
    }
    this.ringback(view);
  }

  /** The leg went on in another call. */
  move(leg: string, call: string): void {
    const line = this.lines.get(leg);
    if (line) line.call = call;
  }

  /** Lets go of a leg: microphone, connection, sound. */
  release(leg: string): void {
    const line = this.lines.get(leg);
    if (!line) return;
    this.lines.delete(leg);
    close(line);
    this.tones.play(undefined);
    this.publish();
  }

  close(): void {
    for (const leg of [...this.lines.keys()]) this.release(leg);
  }

  private ringback(view: CallView): void {
    const line = [...this.lines.values()].find((l) => l.call === view.call);
    if (!line) return;
    this.tones.play(view.state === "ringing" && view.direction !== "in" && !line.hears ? "ringback" : undefined);
  }

  private async take(op: "call.answer" | "call.attach", leg: string, call: string, muted = false): Promise<void> {
    const line = await this.open();
    line.call = call;
    this.quiet(line, muted);
    await this.begin(line, async (sdp) => ({ leg, sdp: (await this.ask(op, { leg, sdp })).sdp! }));
  }

  private async open(): Promise<Line> {
    const mic = await microphone();
    const pc = new RTCPeerConnection({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    const meter = new Meter();
    const { sender } = pc.addTransceiver(mic, { direction: "sendrecv" });
    const line: Line = {
      leg: "",
      call: "",
      pc,
      mic,
      sender,
      hears: false,
      muted: false,
      blocked: false,
      connection: "new",
      silence: () => {},
      closed: new AbortController(),
      tended: new Mic(mic, (track) => this.speakInto(line, track), this.mic),
      watch: new Watch(
        pc,
        (trouble) => this.mend(line, trouble),
        (stuck) => this.set(line, { connection: stuck ? "disconnected" : pc.connectionState }),
        (report) => {
          const quality = meter.take(report.values());
          if (quality) this.set(line, { quality });
        },
      ),
    };
    pc.ontrack = (e) => this.hear(line, e.track);
    pc.onconnectionstatechange = () => this.set(line, { connection: pc.connectionState });
    return line;
  }

  /** Has the sound go another way while that can be, else over a new connection. */
  private async mend(line: Line, trouble: Trouble): Promise<void> {
    if (this.lines.get(line.leg) !== line) return; // it is only being set up
    if (trouble === "dead") return this.attach(line.leg, line.call, line.muted);
    this.ice = (await this.ask("call.ice", {})).ice ?? this.ice;
    line.pc.setConfiguration({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    await this.reoffer(line.leg, true);
  }

  private async begin<A extends { leg: string; sdp: string }>(
    line: Line,
    ask: (sdp: string) => Promise<A>,
  ): Promise<A> {
    try {
      await line.pc.setLocalDescription(await line.pc.createOffer());
      const answer = await ask(line.pc.localDescription!.sdp);
      line.leg = answer.leg;
      const before = this.lines.get(line.leg);
      if (before) close(before);
      this.lines.set(line.leg, line);
      this.publish();
      const over = new Promise<void>((resolve) => line.closed.signal.addEventListener("abort", () => resolve()));
      await Promise.race([line.pc.setRemoteDescription({ type: "answer", sdp: answer.sdp }), over]);
      return answer;
    } catch (err) {
      if (this.lines.get(line.leg) === line) this.lines.delete(line.leg);
      close(line);
      this.publish();
      throw err;
    }
  }

  /** Another microphone takes the place of one that went. */
  private async speakInto(line: Line, track: MediaStreamTrack): Promise<void> {
    line.mic = track;
    track.enabled = !line.muted;
    await line.sender.replaceTrack(track);
  }

  private hear(line: Line, track: MediaStreamTrack): void {
    line.silence();
    line.silence = speaker(new MediaStream([track]), "call", () => this.set(line, { blocked: true }));
    const begun = () => {
      line.hears = true;
      this.tones.play(undefined);
    };
    track.onunmute = begun;
    if (!track.muted) begun();
  }

  private quiet(line: Line, muted: boolean): void {
    line.mic.enabled = !muted;
    line.muted = muted;
  }

  private set(line: Line, change: Partial<LegMedia>): void {
    Object.assign(line, change);
    this.publish();
  }

  private publish(): void {
    this.snapshot = [...this.lines.values()].map(({ leg, muted, connection, blocked, quality }) => ({
      leg,
      muted,
      connection,
      blocked,
      quality,
    }));
    sessionStorage.setItem(memory, JSON.stringify([...this.lines.keys()]));
    this.changed();
  }
}

function close(line: Line): void {
  line.watch.stop();
  line.tended.release();
  line.silence();
  line.mic.stop();
  line.pc.close();
  line.closed.abort();
}
