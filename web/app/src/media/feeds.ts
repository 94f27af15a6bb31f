import type { MeetOffer } from "~/live/protocol";
import { speaker } from "./audio";

/** What somebody in the meeting sends us. */
export type Feed = { leg: string; video?: MediaStream; level: number };

type Line = MeetOffer["tracks"][number];

type Playing = Line & { track: MediaStreamTrack; receiver: RTCRtpReceiver; stop: () => void };

const speech = 0.02; // audio level, 0 … 1, that counts as speaking

/** What the lines of the receiving connection carry, and of whom; sound is played here. */
export class Feeds {
  private readonly playing = new Map<string, Playing>(); // by mid

  /** Gives what each line carries to the person it belongs to, or takes it away. */
  assign(pc: RTCPeerConnection, lines: Line[]): void {
    const whose = new Map(lines.map((l) => [l.mid, l]));
    for (const t of pc.getTransceivers()) this.give(t, t.mid === null ? undefined : whose.get(t.mid));
  }

  private give({ mid, receiver }: RTCRtpTransceiver, from: Line | undefined): void {
    const now = this.playing.get(mid ?? "");
    if (now && now.leg === from?.leg) return;
    this.forget(mid ?? "");
    if (!from) return;
    const stop = from.kind === "audio" ? speaker(new MediaStream([receiver.track]), from.leg) : () => {};
    this.playing.set(mid ?? "", { ...from, track: receiver.track, receiver, stop });
  }

  private forget(mid: string): void {
    this.playing.get(mid)?.stop();
    this.playing.delete(mid);
  }

  clear(): void {
    for (const mid of [...this.playing.keys()]) this.forget(mid);
  }

  /** The feeds by person, keeping streams of before that did not change so that pictures do not blink. */
  list(before: Feed[]): Feed[] {
    const old = new Map(before.map((f) => [f.leg, f]));
    const feeds = new Map<string, Feed>();
    for (const p of this.playing.values()) {
      const feed = feeds.get(p.leg) ?? { leg: p.leg, level: 0 };
      if (p.kind === "video") feed.video = sameStream(old.get(p.leg)?.video, p.track);
      feeds.set(p.leg, feed);
    }
    return [...feeds.values()];
  }

  /** The leg of who speaks the loudest; undefined: nobody does. */
  loudest(): string | undefined {
    let loudest: { leg: string; level: number } | undefined;
    for (const p of this.playing.values()) {
      if (p.kind !== "audio") continue;
      const level = p.receiver.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
      if (level > (loudest?.level ?? speech)) loudest = { leg: p.leg, level };
    }
    return loudest?.leg;
  }
}

function sameStream(old: MediaStream | undefined, track: MediaStreamTrack): MediaStream {
  return old?.getTracks()[0] === track ? old : new MediaStream([track]);
}
