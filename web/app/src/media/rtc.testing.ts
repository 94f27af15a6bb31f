/** A stand-in for what jsdom-like environments lack: enough of WebRTC to see what a module does with it. */
import { vi } from "vitest";

export class FakeTrack {
  enabled = true;
  muted = true;
  stopped = false;
  label = "";
  onunmute?: () => void;
  onended: (() => void) | null = null;
  constructor(readonly kind: "audio" | "video") {}
  stop() {
    this.stopped = true;
  }
}

export class FakeStream {
  constructor(private readonly tracks: FakeTrack[] = []) {}
  getTracks() {
    return this.tracks;
  }
}

export class FakePC {
  static all: FakePC[] = [];
  static lines: { mid: string; kind: "audio" | "video" }[] = [];
  connectionState = "new";
  bytesReceived = 0;
  stats: { type: string }[] = []; // besides
  restarts = 0;
  iceServers: RTCIceServer[] = [];
  closed = false;
  localDescription?: { sdp: string };
  remote: { type: string; sdp: string }[] = [];
  ontrack?: (e: { track: FakeTrack }) => void;
  onconnectionstatechange?: () => void;
  dtmf = { canInsertDTMF: true, insertDTMF: vi.fn() };
  senders: { track: FakeTrack | null; dtmf: FakePC["dtmf"]; replaceTrack: (t: FakeTrack | null) => Promise<void> }[] =
    [];
  private offers = 0;
  private received: unknown[] = [];

  constructor() {
    FakePC.all.push(this);
  }
  addTransceiver(track: FakeTrack | string) {
    const sender = {
      track: typeof track === "string" ? null : track,
      dtmf: this.dtmf,
      replaceTrack: async (t: FakeTrack | null) => {
        sender.track = t;
      },
    };
    this.senders.push(sender);
    return { sender };
  }
  getTransceivers() {
    return this.received.length ? this.received : this.senders.map((sender) => ({ sender }));
  }
  setConfiguration({ iceServers }: RTCConfiguration) {
    this.iceServers = iceServers ?? [];
  }
  async getStats() {
    const all = [{ type: "transport", bytesReceived: this.bytesReceived }, ...this.stats];
    return new Map(all.map((r, i) => [String(i), r]));
  }
  async createOffer({ iceRestart = false }: RTCOfferOptions = {}) {
    if (iceRestart) this.restarts++;
    return { type: "offer", sdp: `offer ${++this.offers}` };
  }
  async createAnswer() {
    return { type: "answer", sdp: "answer" };
  }
  async setLocalDescription(d: { sdp: string }) {
    this.localDescription = d;
  }
  async setRemoteDescription(d: { type: string; sdp: string }) {
    this.remote.push(d);
    if (d.type !== "offer") return;
    this.received = FakePC.lines.map(({ mid, kind }) => ({
      mid,
      receiver: { track: new FakeTrack(kind), getSynchronizationSources: () => [] },
    }));
  }
  close() {
    this.closed = true;
  }
}

/** Puts the stand-ins where the modules look for them. */
export function installRTC(): { opened: FakeTrack[] } {
  const opened: FakeTrack[] = [];
  FakePC.all = [];
  FakePC.lines = [];
  const getUserMedia = async (c: MediaStreamConstraints) => {
    const track = new FakeTrack(c.audio ? "audio" : "video");
    opened.push(track);
    return new FakeStream([track]);
  };
  vi.stubGlobal("RTCPeerConnection", FakePC);
  vi.stubGlobal("RTCRtpSender", { getCapabilities: () => undefined });
  vi.stubGlobal("MediaStream", FakeStream);
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia } });
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { configurable: true, writable: true, value: null });
  HTMLMediaElement.prototype.play = async () => {};
  sessionStorage.clear();
  return { opened };
}
