import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakePC, installRTC } from "./rtc.testing";
import { type Trouble, Watch } from "./watch";

let pc: FakePC;
let watch: Watch;
let troubles: Trouble[];
let told: boolean[];

/** Lets time pass, in which something comes all the time or not. */
async function pass(ms: number, coming: boolean): Promise<void> {
  for (let t = 0; t < ms; t += 100) {
    if (coming) pc.bytesReceived += 100;
    await vi.advanceTimersByTimeAsync(100);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  installRTC();
  pc = new FakePC();
  pc.connectionState = "connected";
  troubles = [];
  told = [];
  watch = new Watch(
    pc as unknown as RTCPeerConnection,
    async (t) => void troubles.push(t),
    (on) => told.push(on),
  );
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("leaves alone what works, and what has nothing to say", async () => {
  await pass(10_000, true);
  expect(troubles).toEqual([]);
});

it("leaves alone a connection over which nothing is said", async () => {
  await pass(20_000, false);
  expect(troubles).toEqual([]);
});

it("mends soon after it fell silent, and has it made anew when another way does not help at once", async () => {
  await pass(4000, true);
  await pass(1600, false);
  expect(troubles).toEqual(["stuck"]);
  await pass(1800, false);
  expect(troubles).toEqual(["stuck", "dead"]);
  await pass(3000, true);
  expect(troubles).toHaveLength(2);
  expect(told).toEqual([true, false]);
});

it("leaves the connection as it is while the server does not answer", async () => {
  watch.stop();
  const asked: Trouble[] = [];
  watch = new Watch(pc as unknown as RTCPeerConnection, (t) => {
    asked.push(t);
    return Promise.reject(new Error("offline"));
  });
  await pass(4000, true);
  await pass(8000, false);
  expect(asked.length).toBeGreaterThan(1);
  expect(asked).not.toContain("dead");
});

it("tries again soon while the server is out of reach, however often that was", async () => {
  watch.stop();
  let reached = false;
  watch = new Watch(pc as unknown as RTCPeerConnection, async (t) => {
    if (!reached) throw new Error("offline");
    troubles.push(t);
  });
  await pass(4000, true);
  await pass(6000, false);
  reached = true;
  await pass(900, false);
  expect(troubles).toEqual(["stuck"]);
});

it("asks for nothing once it was stopped, whatever it was just looking at", async () => {
  await pass(4000, true);
  await pass(1100, false);
  const looking = vi.advanceTimersByTimeAsync(300);
  watch.stop();
  await looking;
  await pass(5000, false);
  expect(troubles).toEqual([]);
});

it("takes the browser's word in the end", async () => {
  await pass(4000, true);
  await pass(60_000, false);
  expect(troubles).toHaveLength(3);
});

it("follows what the browser finds out by itself", async () => {
  pc.connectionState = "disconnected";
  await pass(600, false);
  pc.connectionState = "failed";
  await pass(3500, false);
  expect(troubles).toEqual(["stuck", "dead"]);
});

it("mends one that does not open", async () => {
  pc.connectionState = "connecting";
  await pass(4000, false);
  expect(troubles).toEqual([]);
  await pass(2000, false);
  expect(troubles).toEqual(["stuck"]);
});
