/** What a lossy network is made with, and what browsers tell of it. */
import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";

const nft = (...args: string[]) => execFileSync("nft", args, { stdio: "ignore" });

/** Drops a share of all UDP on loopback at random, in percent; of what goes to port only, when given. 100 stops it, 0 ends the dropping. */
export function lose(percent: number, port?: number): void {
  try {
    nft("delete", "table", "inet", "lossy");
  } catch {
    // there was none
  }
  if (percent === 0) return;
  nft("add", "table", "inet", "lossy");
  nft("add", "chain", "inet", "lossy", "in", "{ type filter hook input priority 0; }");
  const which = port ? ["udp", "dport", String(port)] : ["meta", "l4proto", "udp"];
  const share = percent < 100 ? ["numgen", "random", "mod", "1000", "<", String(percent * 10)] : [];
  nft("add", "rule", "inet", "lossy", "in", ...which, ...share, "drop");
}

/**
 * Closes the ways of media to the server's own address, 127.0.0.1: UDP from and to its port, and all of TCP but the workplace's port. A relay at another
 * address of loopback is left, over TCP.
 */
export function closeAllButRelay(mediaPort: number, workplacePort: string): void {
  lose(0);
  nft("add", "table", "inet", "lossy");
  nft("add", "chain", "inet", "lossy", "in", "{ type filter hook input priority 0; }");
  const rule = (...is: string[]) => nft("add", "rule", "inet", "lossy", "in", ...is);
  const drop = (...which: string[]) => rule(...which, "drop");
  drop("ip", "saddr", "127.0.0.1", "udp", "dport", String(mediaPort));
  drop("ip", "daddr", "127.0.0.1", "udp", "sport", String(mediaPort));
  for (const end of ["sport", "dport"]) rule("tcp", end, workplacePort, "accept");
  drop("ip", "saddr", "127.0.0.1", "ip", "daddr", "127.0.0.1", "meta", "l4proto", "tcp");
  drop("ip", "daddr", relayAt, "ip", "saddr", "127.0.0.1", "udp", "sport", "!=", String(mediaPort)); // to the relay itself
}

/** Closes all that goes from these UDP ports and TCP ports of this machine, and comes to them: the address that they belong to is gone. */
export function closeAddress(udp: number[], tcp: number[]): void {
  lose(0);
  nft("add", "table", "inet", "lossy");
  nft("add", "chain", "inet", "lossy", "in", "{ type filter hook input priority 0; }");
  const close = (kind: string, ports: number[]) => {
    if (ports.length === 0) return;
    for (const end of ["sport", "dport"])
      nft("add", "rule", "inet", "lossy", "in", kind, end, `{ ${[...new Set(ports)].join(", ")} }`, "drop");
  };
  close("udp", udp);
  close("tcp", tcp);
}

/** Where a demo's relay is for closeAllButRelay. */
export const relayAt = "127.0.0.2";

/** The kinds of candidates that the page's connections go over now: "relay" with "tcp", say. */
export function ways(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
    const found: string[] = [];
    for (const pc of tapped) {
      if (pc.connectionState !== "connected") continue;
      const stats = await pc.getStats();
      const pair = [...stats.values()].find((r) => r.type === "transport")?.selectedCandidatePairId;
      const local = stats.get(stats.get(pair)?.localCandidateId);
      if (local) found.push(`${local.candidateType} ${local.relayProtocol ?? local.protocol}`);
    }
    return found;
  });
}

/** The port at which the server takes the page's media. */
export function serverPort(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
    for (const pc of tapped) {
      const stats = await pc.getStats();
      const pair = [...stats.values()].find((r) => r.type === "transport")?.selectedCandidatePairId;
      const port = stats.get(stats.get(pair)?.remoteCandidateId)?.port as number | undefined;
      if (pc.connectionState === "connected" && port) return port;
    }
    return 0;
  });
}

/** Keeps the page's peer connections where measure finds them. Before the page is loaded. */
export async function tap(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    const all: RTCPeerConnection[] = [];
    Object.assign(window, { tapped: all });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        all.push(this);
      }
    };
  });
}

export type Fared = {
  fps: number[]; // of each picture
  frozen: number[]; // s, of each picture
  longest: number; // s without a new frame
  height: number[]; // of each picture
  target: number; // kbit/s that the encoders aim at, at the end
  sent: number; // kbit/s of video
  made: number; // % of the sound that was made up
};

/** How the page fared over seconds. */
export function measure(page: Page, seconds: number): Promise<Fared> {
  return page.evaluate(look, seconds);
}

/** Local ports over which the page receives. */
export async function portOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
    for (const pc of tapped.toReversed()) {
      const stats = await pc.getStats();
      const all = [...stats.values()];
      if (pc.connectionState !== "connected" || !all.some((r) => r.type === "inbound-rtp")) continue;
      const pair = stats.get(all.find((r) => r.type === "transport").selectedCandidatePairId);
      return stats.get(pair.localCandidateId).port as number;
    }
    return 0;
  });
}

/** Runs in the page. */
async function look(seconds: number) {
  type Report = { id: string; type: string; kind: string } & { [name: string]: number };
  const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
  const reports = async () => {
    const all: Report[] = [];
    for (const pc of tapped)
      if (pc.connectionState !== "closed") all.push(...((await pc.getStats()).values() as Iterable<Report>));
    const of = (type: string, kind: string) => all.filter((r) => r.type === type && r.kind === kind);
    return { video: of("inbound-rtp", "video"), audio: of("inbound-rtp", "audio"), sent: of("outbound-rtp", "video") };
  };
  const before = await reports();
  const moved = new Map<string, { frames: number; at: number; longest: number }>();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await new Promise((done) => setTimeout(done, 100));
    const now = performance.now();
    for (const r of (await reports()).video) {
      const m = moved.get(r.id) ?? { frames: -1, at: now, longest: 0 };
      if (r.framesDecoded !== m.frames) Object.assign(m, { frames: r.framesDecoded, at: now });
      m.longest = Math.max(m.longest, now - m.at);
      moved.set(r.id, m);
    }
  }
  const after = await reports();
  const was = (list: Report[], r: Report, key: string): number => list.find((b) => b.id === r.id)?.[key] ?? 0;
  const grown = (b: Report[], a: Report[], key: string) =>
    a.reduce((sum, r) => sum + (r[key] ?? 0) - was(b, r, key), 0);
  const watched = after.video.filter((r) => r.framesDecoded! > 0);
  return {
    fps: watched.map((r) => Math.round((r.framesDecoded! - was(before.video, r, "framesDecoded")) / seconds)),
    frozen: watched.map((r) => +(r.totalFreezesDuration! - was(before.video, r, "totalFreezesDuration")).toFixed(1)),
    longest: +(Math.max(0, ...[...moved.values()].map((m) => m.longest)) / 1000).toFixed(1),
    height: watched.map((r) => r.frameHeight!),
    target: Math.round(after.sent.reduce((sum, r) => sum + (r.targetBitrate ?? 0), 0) / 1000),
    sent: Math.round((grown(before.sent, after.sent, "bytesSent") * 8) / seconds / 1000),
    made: +(
      (100 * grown(before.audio, after.audio, "concealedSamples")) /
      Math.max(1, grown(before.audio, after.audio, "totalSamplesReceived"))
    ).toFixed(1),
  };
}
