import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Mic } from "./mic";
import { FakeTrack, installRTC } from "./rtc.testing";

let opened: FakeTrack[];
let used: unknown[];
let told: (string | undefined)[];
let first: FakeTrack;
let mic: Mic;
const absent = async () => Promise.reject(new DOMException("", "NotFoundError"));

beforeEach(() => {
  vi.useFakeTimers();
  ({ opened } = installRTC());
  used = [];
  told = [];
  first = new FakeTrack("audio");
  mic = new Mic(
    first as unknown as MediaStreamTrack,
    async (track) => used.push(track),
    (label) => told.push(label),
  );
});
afterEach(() => {
  mic.release();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("takes the next microphone when one ends, and says so", async () => {
  first.onended?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(used).toEqual([opened[0]]);
  expect(told).toEqual([""]);
  opened[0]!.onended?.(); // and that one, too
  await vi.advanceTimersByTimeAsync(0);
  expect(used).toEqual([opened[0], opened[1]]);
});

it("says that nobody hears, and takes one as soon as it is there", async () => {
  const { getUserMedia } = navigator.mediaDevices;
  navigator.mediaDevices.getUserMedia = absent;
  first.onended?.();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual([undefined]);
  navigator.mediaDevices.getUserMedia = getUserMedia;
  await vi.advanceTimersByTimeAsync(5000);
  expect(used).toEqual([opened[0]]);
  expect(told).toEqual([undefined, ""]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(used).toHaveLength(1);
});

it("takes the one that was chosen before it lets go of the old one", async () => {
  const { stop } = first;
  first.stop = () => {
    told.push(`stopped after ${used.length}`);
    stop.call(first);
  };
  await mic.change();
  expect(used).toEqual([opened[0]]);
  expect(told).toEqual(["stopped after 1"]);
  expect([first.stopped, opened[0]!.stopped]).toEqual([true, false]);
  opened[0]!.onended?.(); // is looked after, too
  await vi.advanceTimersByTimeAsync(0);
  expect(used).toEqual([opened[0], opened[1]]);
});

it("keeps the one there is when the chosen one can't be opened", async () => {
  navigator.mediaDevices.getUserMedia = absent;
  await expect(mic.change()).rejects.toMatchObject({ fault: "missing" });
  expect(first.stopped).toBe(false);
  expect(used).toEqual([]);
});

it("lets alone one that was put away", async () => {
  mic.release();
  first.onended?.();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(used).toEqual([]);
});
