import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Ask, CallView } from "~/live/protocol";
import type { Tones } from "./audio";
import { Phone } from "./phone";
import { FakePC, type FakeTrack, installRTC } from "./rtc.testing";

let asked: [string, unknown][];
let opened: FakeTrack[];
let phone: Phone;
const tones = { play: vi.fn() };

const ask = (async (op: string, data: unknown) => {
  asked.push([op, data]);
  return op === "call.place" ? { call: "c", leg: "l", sdp: "answered" } : { sdp: "answered" };
}) as unknown as Ask;

beforeEach(() => {
  ({ opened } = installRTC());
  asked = [];
  tones.play.mockClear();
  phone = new Phone(ask, tones as unknown as Tones, () => {});
});
afterEach(() => {
  phone.close();
  vi.unstubAllGlobals();
});

const view = (state: string, leg = "active"): CallView =>
  ({ call: "c", direction: "out", state, legs: [{ leg: "l", state: leg }] }) as unknown as CallView;

it("places a call with one offer and takes the answer", async () => {
  await expect(phone.place("101")).resolves.toMatchObject({ call: "c", leg: "l" });
  expect(asked).toEqual([["call.place", { to: "101", sdp: "offer 1" }]]);
  expect(FakePC.all[0]!.remote).toEqual([{ type: "answer", sdp: "answered" }]);
  expect(phone.legs).toEqual([{ leg: "l", muted: false, connection: "new", blocked: false }]);
});

it("leaves nothing open when the call is refused", async () => {
  const refusing = new Phone(
    (async () => Promise.reject(new Error("no"))) as unknown as Ask,
    tones as unknown as Tones,
    () => {},
  );
  await expect(refusing.place("101")).rejects.toThrow("no");
  expect(opened[0]!.stopped).toBe(true);
  expect(FakePC.all[0]!.closed).toBe(true);
  expect(refusing.legs).toEqual([]);
});

it("rings back until something is heard", async () => {
  await phone.place("101");
  phone.follow(view("ringing"));
  expect(tones.play).toHaveBeenLastCalledWith("ringback");
  const early = { kind: "audio", muted: true } as unknown as FakeTrack;
  FakePC.all[0]!.ontrack?.({ track: early });
  early.onunmute?.();
  phone.follow(view("ringing"));
  expect(tones.play).toHaveBeenLastCalledWith(undefined);
});

it("plays others through an element that is attached and not muted, and removes it", async () => {
  await phone.answer("l", "c");
  FakePC.all[0]!.ontrack?.({ track: opened[0]! });
  const element = document.querySelector<HTMLAudioElement>("audio[data-remote]");
  expect(element?.isConnected).toBe(true);
  expect(element?.muted).toBe(false);
  phone.release("l");
  expect(document.querySelector("audio")).toBeNull();
});

it("tells how the network does while one talks", async () => {
  vi.useFakeTimers();
  await phone.answer("l", "c");
  const pc = FakePC.all[0]!;
  const sound = { type: "inbound-rtp", kind: "audio", packetsReceived: 100, packetsLost: 0, jitter: 0.01 };
  pc.stats = [sound];
  await vi.advanceTimersByTimeAsync(400);
  expect(phone.legs[0]!.quality).toBeUndefined();
  pc.stats = [{ ...sound, packetsReceived: 190, packetsLost: 10 } as typeof sound];
  await vi.advanceTimersByTimeAsync(2400);
  expect(phone.legs[0]!.quality).toEqual({ loss: 0.1, jitter: 10, roundTrip: 0 });
  vi.useRealTimers();
});

it("stops the voice on mute and says so", async () => {
  await phone.answer("l", "c");
  await phone.mute("l", true);
  expect(opened[0]!.enabled).toBe(false);
  expect(asked.at(-1)).toEqual(["call.mute", { leg: "l", kind: "audio", on: true }]);
});

it("goes on with another microphone in the connection there is, muted as before", async () => {
  await phone.answer("l", "c");
  await phone.mute("l", true);
  asked = [];
  await phone.changeMic();
  expect(FakePC.all).toHaveLength(1);
  expect(FakePC.all[0]!.senders[0]!.track).toBe(opened[1]);
  expect(opened.map((t) => [t.stopped, t.enabled])).toEqual([
    [true, false],
    [false, false],
  ]);
  expect(asked).toEqual([]); // nothing is negotiated
  phone.release("l");
  expect(opened[1]!.stopped).toBe(true);
});

it("sends keys as telephone-events where it can", async () => {
  await phone.answer("l", "c");
  await phone.digit("l", "5");
  expect(FakePC.all[0]!.dtmf.insertDTMF).toHaveBeenCalledWith("5", 160, 60);
  expect(asked.at(-1)).toEqual(["call.digit", { leg: "l", key: "5", sent: true }]);
});

it("offers anew when asked to", async () => {
  await phone.answer("l", "c");
  await phone.reoffer("l");
  expect(asked.at(-1)).toEqual(["call.offer", { leg: "l", sdp: "offer 2" }]);
});

it("lets go when the leg or the call is over", async () => {
  await phone.answer("l", "c");
  phone.follow(view("answered", "gone"));
  expect(phone.legs).toEqual([]);
  expect(opened[0]!.stopped).toBe(true);
});

it("remembers its legs through a reload, and attaches with a new connection", async () => {
  await phone.answer("l", "c");
  const reloaded = new Phone(ask, tones as unknown as Tones, () => {});
  expect(reloaded.remembered()).toEqual(["l"]);
  await reloaded.attach("l", "c", false);
  expect(asked.at(-1)).toEqual(["call.attach", { leg: "l", sdp: "offer 1" }]);
});

it("goes another way when nothing comes through, and over a new connection when that is given up", async () => {
  vi.useFakeTimers();
  await phone.place("101");
  const [pc] = FakePC.all;
  pc!.connectionState = "disconnected";
  asked = [];
  await vi.advanceTimersByTimeAsync(600);
  expect(asked.map(([op]) => op)).toEqual(["call.ice", "call.offer"]);
  expect(pc!.restarts).toBe(1);
  expect(phone.legs[0]!.connection).toBe("disconnected");
  pc!.connectionState = "failed";
  asked = [];
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked.map(([op]) => op)).toEqual(["call.attach"]);
  expect(FakePC.all.map((pc) => pc.closed)).toEqual([true, false]);
  expect(phone.legs.map((l) => l.leg)).toEqual(["l"]);
  vi.useRealTimers();
});
