/** How well sound gets through: what was lost either way, 0 to 1; how unevenly it comes and how long it takes there and back, in ms. */
export type Quality = { loss: number; jitter: number; roundTrip: number };

export type Grade = "good" | "fair" | "poor";

/** From where on people hear it, and from where on they ask again. */
const limits: Record<keyof Quality, [fair: number, poor: number]> = {
  loss: [0.02, 0.06],
  jitter: [30, 60],
  roundTrip: [250, 500],
};

/** What a quality is like to talk over: as the worst of what it is made of. */
export function grade(q: Quality): Grade {
  const over = (which: 0 | 1) => Object.entries(limits).some(([of, at]) => q[of as keyof Quality] >= at[which]);
  return over(1) ? "poor" : over(0) ? "fair" : "good";
}

type Counts = { received: number; lost: number };
type Stat = Record<string, number | string | boolean | undefined>;

const every = 2000; // ms between two figures

/** Makes figures of what a connection counts. */
export class Meter {
  private before: Counts | undefined;
  private at = 0;

  /** Takes a look at the connection; a figure comes every two seconds, undefined otherwise. */
  take(report: Iterable<Stat>, now = Date.now()): Quality | undefined {
    if (now - this.at < every) return undefined;
    this.at = now;
    const all = [...report];
    const sound = all.find((r) => r.type === "inbound-rtp" && r.kind === "audio");
    if (!sound) return undefined;
    const counts = { received: number(sound.packetsReceived), lost: number(sound.packetsLost) };
    const before = this.before;
    this.before = counts;
    if (!before) return undefined;
    const theirs = all.find((r) => r.type === "remote-inbound-rtp" && r.kind === "audio");
    const way = all.find((r) => r.type === "candidate-pair" && r.nominated && r.state === "succeeded");
    return {
      loss: Math.max(share(before, counts), number(theirs?.fractionLost)),
      jitter: number(sound.jitter) * 1000,
      roundTrip: number(way?.currentRoundTripTime ?? theirs?.roundTripTime) * 1000,
    };
  }
}

/** What was lost of all that was sent since. */
function share(before: Counts, now: Counts): number {
  const lost = Math.max(0, now.lost - before.lost); // repeats take some back
  const all = lost + Math.max(0, now.received - before.received);
  return all ? lost / all : 0;
}

const number = (n: Stat[string]) => (typeof n === "number" ? n : 0);
