import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Ask, LiveError, type MeetOffer } from "~/live/protocol";
import { Meeting } from "./meeting";
import { FakePC, type FakeTrack, installRTC } from "./rtc.testing";

let asked: [string, unknown][];
let opened: FakeTrack[];
let meeting: Meeting;

const ask = (async (op: string, data: unknown) => {
  asked.push([op, data]);
  return { leg: "me", sdp: "answered" };
}) as unknown as Ask;

beforeEach(() => {
  ({ opened } = installRTC());
  asked = [];
  meeting = new Meeting(ask, () => {});
});
afterEach(() => {
  meeting.close();
  vi.unstubAllGlobals();
});

const both = { audio: true, video: true };
const offer = (...tracks: MeetOffer["tracks"]): MeetOffer => {
  FakePC.lines = tracks.map(({ mid, kind }) => ({ mid, kind }));
  return { leg: "me", sdp: "offered", tracks };
};

it("joins by offering what it sends", async () => {
  await meeting.join("r", both);
  expect(asked).toEqual([["meet.join", { room: "r", sdp: "offer 1", again: false }]]);
  expect(meeting.stage).toMatchObject({ room: "r", leg: "me", muted: false, camera: true });
});

it("comes in silent and unseen when asked to, and tells the others", async () => {
  await meeting.join("r", { audio: false, video: false });
  expect(opened.map((t) => [t.kind, t.enabled])).toEqual([["audio", false]]);
  expect(asked.slice(1).map(([op, data]) => [op, (data as { kind: string }).kind])).toEqual([
    ["meet.mute", "audio"],
    ["meet.mute", "video"],
  ]);
});

it("is not in when the server put it out before it was told its leg", async () => {
  const early = new Meeting(
    (async () => {
      early.over("me", "forbidden");
      return { leg: "me", sdp: "answered" };
    }) as unknown as Ask,
    () => {},
  );
  await expect(early.join("r", both)).rejects.toMatchObject({ code: "put_out" });
  expect(early.stage).toBeUndefined();
  expect(opened.every((t) => t.stopped)).toBe(true);
});

it("answers offers and gives each person their picture", async () => {
  await meeting.join("r", both);
  await meeting.receive(
    offer(
      { mid: "0", leg: "ana", kind: "audio" },
      { mid: "1", leg: "ana", kind: "video" },
      { mid: "2", leg: "ion", kind: "video" },
    ),
  );
  expect(asked.at(-1)).toEqual(["meet.answer", { leg: "me", sdp: "answer" }]);
  expect(meeting.stage?.feeds.map((f) => [f.leg, f.video !== undefined])).toEqual([
    ["ana", true],
    ["ion", true],
  ]);
  expect(document.querySelectorAll("audio[data-remote]")).toHaveLength(1);
});

it("takes away who left", async () => {
  await meeting.join("r", both);
  await meeting.receive(offer({ mid: "0", leg: "ana", kind: "audio" }));
  FakePC.lines = [{ mid: "0", kind: "audio" }];
  await meeting.receive({ leg: "me", sdp: "offered", tracks: [] });
  expect(meeting.stage?.feeds).toEqual([]);
  expect(document.querySelector("audio[data-remote]")).toBeNull();
});

it("puts the camera's light out when it is turned off", async () => {
  await meeting.join("r", both);
  await meeting.film(false);
  expect(opened[1]!.stopped).toBe(true);
  expect(FakePC.all[0]!.senders[1]!.track).toBeNull();
  await meeting.film(true);
  expect(FakePC.all[0]!.senders[1]!.track).toBe(opened[2]);
  expect(asked.slice(-2).map(([, data]) => (data as { on: boolean }).on)).toEqual([true, false]);
});

it("is remembered through a reload and attached again", async () => {
  await meeting.join("r", both);
  const reloaded = new Meeting(ask, () => {});
  const before = reloaded.remembered();
  expect(before).toEqual({ room: "r", leg: "me", audio: true, video: true });
  await reloaded.attach(before!);
  expect(asked.at(-1)).toEqual(["meet.attach", { leg: "me", sdp: "offer 1" }]);
  reloaded.close();
  expect(meeting.remembered()).toBeUndefined();
});

it("comes in again with the stage up, muted and unseen as before", async () => {
  await meeting.join("r", { audio: false, video: true });
  const tracks = [...opened];
  const again = meeting.rejoin();
  expect(meeting.stage).toMatchObject({ room: "r", away: true, muted: true, camera: true });
  await again;
  expect(asked.filter(([op]) => op === "meet.join")).toHaveLength(2);
  expect(meeting.stage).toMatchObject({ leg: "me", away: false, muted: true, camera: true });
  expect(opened).toEqual(tracks); // microphone and camera stay open
  expect(FakePC.all.map((pc) => pc.closed)).toEqual([true, false]);
});

it("does not come in again once left", async () => {
  await meeting.join("r", both);
  const again = meeting.rejoin();
  await meeting.leave();
  await again.catch(() => {});
  expect(meeting.stage).toBeUndefined();
  expect(opened.every((t) => t.stopped)).toBe(true);
});

it("goes on over a new socket, on the connections that it has", async () => {
  await meeting.join("r", both);
  FakePC.all[0]!.connectionState = "connected";
  await meeting.resume(meeting.remembered()!);
  expect(asked.at(-1)).toEqual(["meet.attach", { leg: "me" }]);
  expect(FakePC.all).toHaveLength(1);
});

it("closes everything on leaving", async () => {
  await meeting.join("r", both);
  await meeting.leave();
  expect(FakePC.all.every((pc) => pc.closed)).toBe(true);
  expect(opened.every((t) => t.stopped)).toBe(true);
  expect(asked.at(-1)).toEqual(["meet.leave", { leg: "me" }]);
});

/** Half a second passes, and what the page does then. */
const look = () => vi.advanceTimersByTimeAsync(600);

it("goes another way when nothing comes through, and is made anew when that is given up", async () => {
  vi.useFakeTimers();
  await meeting.join("r", both);
  await meeting.receive(offer({ mid: "0", leg: "ana", kind: "audio" }));
  const [up, down] = FakePC.all;
  up!.connectionState = down!.connectionState = "disconnected";
  asked = [];
  await look();
  expect(asked.map(([op]) => op).sort()).toEqual(["call.ice", "call.ice", "meet.publish", "meet.restart"]);
  expect(up!.restarts).toBe(1);
  expect(meeting.stage).toMatchObject({ connection: "disconnected", leg: "me" });
  up!.connectionState = "failed";
  down!.connectionState = "connected";
  asked = [];
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked.filter(([op]) => op === "meet.attach")).toEqual([["meet.attach", { leg: "me", sdp: "offer 1" }]]);
  expect(FakePC.all.map((pc) => pc.closed)).toEqual([true, true, false]);
  vi.useRealTimers();
});

it("comes in again when a reload took too long for the server, but not after an hour", async () => {
  await meeting.join("r", both);
  meeting.leaving();
  const reloaded = new Meeting(ask, () => {});
  const before = reloaded.remembered()!;
  asked = [];
  await reloaded.comeBack({ ...before, left: before.left! - 3600_000 });
  expect(asked).toEqual([]);
  expect(reloaded.remembered()).toBeUndefined();
  await reloaded.comeBack(before);
  expect(asked[0]![0]).toBe("meet.join");
  expect(reloaded.stage).toMatchObject({ room: "r", camera: true, muted: false });
  reloaded.close();
});

it("comes in again when the server gives the leg up while the devices are opened after a reload", async () => {
  await meeting.join("r", both);
  meeting.leaving();
  const late = (async (op: string, data: unknown) => {
    if (op === "meet.attach") throw new LiveError("not_found", "no such leg");
    return ask(op as never, data as never);
  }) as Ask;
  const reloaded = new Meeting(late, () => {});
  const before = reloaded.remembered()!;
  asked = [];
  await reloaded.resume(before);
  expect(asked[0]![0]).toBe("meet.join");
  expect(reloaded.stage).toMatchObject({ room: "r", leg: "me" });
  await expect(reloaded.attach({ ...before, left: undefined })).rejects.toThrow("no such leg");
  expect(reloaded.stage).toBeUndefined();
});

it("speaks into another microphone when its own ends, as muted as before", async () => {
  await meeting.join("r", { audio: false, video: true });
  opened[0]!.onended?.();
  await vi.waitFor(() => expect(FakePC.all[0]!.senders[0]!.track).toBe(opened[2]));
  expect(opened[2]!.enabled).toBe(false);
});

it("goes on with another microphone on the connection there is, muted as before", async () => {
  await meeting.join("r", { audio: false, video: true });
  asked = [];
  await meeting.changeMic();
  expect(FakePC.all[0]!.senders[0]!.track).toBe(opened[2]);
  expect(opened.map((t) => [t.kind, t.stopped, t.enabled])).toEqual([
    ["audio", true, false],
    ["video", false, true],
    ["audio", false, false],
  ]);
  await meeting.mute(false);
  expect(opened[2]!.enabled).toBe(true);
  expect(asked.map(([op]) => op)).toEqual(["meet.mute"]); // nothing is negotiated
});

it("stays with its microphone when the other one can't be opened", async () => {
  await meeting.join("r", both);
  navigator.mediaDevices.getUserMedia = async () => Promise.reject(new DOMException("", "NotReadableError"));
  await expect(meeting.changeMic()).rejects.toMatchObject({ fault: "busy" });
  expect(FakePC.all[0]!.senders[0]!.track).toBe(opened[0]);
  expect(opened[0]!.stopped).toBe(false);
});

it("tells how high the pictures are shown, once the layout settled, and anew after coming in again", async () => {
  vi.useFakeTimers();
  await meeting.join("r", both);
  asked = [];
  meeting.shown("ana", 300);
  meeting.shown("ion", 100);
  meeting.shown("ana", 360);
  meeting.shown("ion", undefined);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual([["meet.view", { leg: "me", heights: { ana: 360 } }]]);
  await meeting.attach(meeting.remembered()!);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.filter(([op]) => op === "meet.view")).toHaveLength(2);
  vi.useRealTimers();
});
