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

it("mends soon after it fell silent, and again until something comes", async () => {
  await pass(4000, true);
  await pass(2500, false);
  expect(troubles).toEqual(["stuck"]);
  await pass(6000, false);
  expect(troubles).toEqual(["stuck", "stuck", "stuck"]);
  await pass(3000, true);
  expect(troubles).toHaveLength(3);
  expect(told).toEqual([true, false]);
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
