import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakePC, installRTC } from "~/media/rtc.testing";
import { Live } from "./live";
import type { CallView, Hello } from "./protocol";
import { Wire } from "./wire.testing";

let live: Live;
const over = vi.fn();
const inVain = vi.fn();

const wire = () => Wire.all.at(-1)!;
const view: Partial<CallView> = {
  call: "c",
  node: "a",
  direction: "in",
  state: "answered",
  legs: [{ leg: "a.1", state: "active", muted: false }] as CallView["legs"],
};
const running: Partial<Hello> = { calls: [view as CallView], my_legs: { c: "a.1" } };

/** Connects, as the first time or anew. */
function greet(hello: Partial<Hello>): void {
  wire().accept();
  wire().tell({ ev: "hello", data: { socket: "s", user: { id: "u" }, ...hello } });
}

/** Answers the tab's next operation op. */
async function reply(op: string, answer: { data?: unknown; error?: unknown }): Promise<unknown> {
  const asked = await vi.waitFor(() => {
    const found = wire().sent.find((m) => m.op === op);
    expect(found).toBeDefined();
    return found!;
  });
  wire().sent = wire().sent.filter((m) => m !== asked);
  wire().tell({ re: asked.id, ...answer });
  return asked.data;
}

/** The socket goes, and the tab opens the next one. */
async function again(hello: Partial<Hello>): Promise<void> {
  wire().drop();
  await vi.waitFor(() => expect(wire().readyState).toBe(0));
  greet(hello);
}

beforeEach(async () => {
  Wire.all = [];
  installRTC();
  vi.stubGlobal("WebSocket", Wire);
  over.mockClear();
  inVain.mockClear();
  live = new Live("ws://x", over, inVain);
  live.open();
  greet(running);
  const answered = live.answer("a.1");
  await reply("call.answer", { data: { sdp: "answered" } });
  await answered;
  FakePC.all[0]!.connectionState = "connected";
});
afterEach(() => {
  vi.useRealTimers();
  live.close();
  vi.unstubAllGlobals();
});

it("goes on with its call over a new socket, on the connection that it has", async () => {
  await again(running);
  expect(await reply("call.attach", { data: {} })).toEqual({ leg: "a.1" });
  expect(FakePC.all).toHaveLength(1);
  expect(live.phone.has("a.1")).toBe(true);
});

it("takes the call up with a new connection when the old one does not go on, muted as before", async () => {
  const muted = live.phone.mute("a.1", true);
  await reply("call.mute", { data: {} });
  await muted;
  await again(running);
  await reply("call.attach", { error: { code: "taken", message: "no media" } });
  expect(await reply("call.attach", { data: { sdp: "answered" } })).toEqual({ leg: "a.1", sdp: "offer 1" });
  await vi.waitFor(() => expect(FakePC.all.map((pc) => pc.closed)).toEqual([true, false]));
  expect(live.phone.legs).toMatchObject([{ leg: "a.1", muted: true }]);
});

it("keeps a call whose server is silent, until that is told to be gone", async () => {
  await again({ silent: ["a"] });
  expect(live.store.get()).toMatchObject({ calls: { c: view }, mine: { "a.1": "c" } });
  expect(live.phone.has("a.1")).toBe(true);
  expect(over).not.toHaveBeenCalled();
  wire().tell({ ev: "node.gone", data: { node: "a" } });
  expect(live.store.get()).toMatchObject({ calls: {}, mine: {}, legs: [] });
  expect(over).toHaveBeenCalledExactlyOnceWith("cut_off");
});

it("says that a call ended while it was away", async () => {
  await again({});
  expect(live.phone.has("a.1")).toBe(false);
  expect(over).toHaveBeenCalledExactlyOnceWith("ended_away");
});

it("goes on when the server can't be told of a hang-up", async () => {
  const refused = expect(live.hangup("a.1")).rejects.toThrow("not now");
  await reply("call.hangup", { error: { code: "unreached", message: "not now" } });
  await refused;
  expect(live.phone.has("a.1")).toBe(true);
});

it("is done with a call of which the server knows nothing any more", async () => {
  const done = live.hangup("a.1");
  await reply("call.hangup", { error: { code: "not_found", message: "over" } });
  await done;
  expect(live.store.get()).toMatchObject({ mine: {}, legs: [] });
});

it("rings for an invitation through a new socket, and for no longer than it may", async () => {
  vi.useFakeTimers();
  const invite = { room: "r", title: "Monday round", from: "v" };
  wire().tell({ ev: "meet.invite", data: invite });
  greet(running);
  expect(live.store.get().invites).toEqual([invite]);
  vi.advanceTimersByTime(45_000);
  expect(live.store.get().invites).toEqual([]);
});

it("names the colleagues on the page, again on a new socket, and shows what it is told of them", async () => {
  const hide = live.show("v");
  live.show("v");
  live.show("w");
  expect(await reply("presence.show", { data: {} })).toEqual({ users: ["v", "w"] });
  wire().tell({ ev: "presence.shown", data: { people: [{ user: "v", online: true, busy: false }] } });
  wire().tell({ ev: "presence", data: { user: "w", online: true, busy: true } });
  expect(live.store.get().online).toEqual({ v: { online: true, busy: false }, w: { online: true, busy: true } });
  hide();
  await again(running);
  expect(live.store.get().online.v?.online).toBe(true);
  expect(await reply("presence.show", { data: {} })).toEqual({ users: ["v", "w"] });
});

it("goes on in another call when a colleague joins two", () => {
  wire().tell({ ev: "call.leg", data: { call: "d", leg: "a.1", state: "active" } });
  wire().tell({ ev: "call.state", data: { ...view, call: "d" } });
  wire().tell({ ev: "call.state", data: { ...view, state: "ended", legs: [{ leg: "a.1", state: "gone" }] } });
  expect(live.phone.has("a.1")).toBe(true);
  expect(live.store.get().mine).toEqual({ "a.1": "d" });
  wire().tell({
    ev: "call.state",
    data: { ...view, call: "d", state: "ended", legs: [{ leg: "a.1", state: "gone" }] },
  });
  expect(live.phone.has("a.1")).toBe(false);
});

it("tells once of whom this user had called into a meeting in vain", () => {
  const called = (call: string, by: string, state: string) => ({
    leg: call,
    call,
    by,
    state,
    number: call,
    cause: "busy",
  });
  const tell = (...people: object[]) =>
    wire().tell({ ev: "meet.state", data: { room: "r", node: "a", title: "", people } });
  tell(called("before", live.store.get().me, "failed"));
  for (const state of ["ringing", "failed", "failed"])
    tell(called("mine", live.store.get().me, state), called("another's", "v", state));
  expect(inVain).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ call: "mine", cause: "busy" }));
});

it("holds the call it speaks in before it calls somebody else", async () => {
  const placed = live.place("102");
  expect(await reply("call.hold", { data: {} })).toEqual({ leg: "a.1", on: true });
  await reply("call.place", { data: { call: "d", leg: "a.2", sdp: "answered" } });
  await placed;
});

/** Places a call, which the server takes as leg a.2 of call d. */
async function places(to: string, before = () => {}): Promise<void> {
  const placed = live.place(to);
  await reply("call.hold", { data: {} });
  await vi.waitFor(() => expect(wire().sent.some((m) => m.op === "call.place")).toBe(true));
  before();
  await reply("call.place", { data: { call: "d", leg: "a.2", sdp: "answered" } });
  await placed;
}
const gone = (leg: string, cause: string) => wire().tell({ ev: "call.gone", data: { leg, cause } });

it("says why a call that it placed came to nothing, also when that is told before it was taken", async () => {
  await places("0733000486");
  wire().tell({ ev: "call.state", data: { ...view, call: "d", direction: "out", to: "+40733000486", legs: [] } });
  gone("a.2", "busy");
  expect(over).toHaveBeenCalledExactlyOnceWith("busy", "+40733000486", "0733000486");
  wire().tell({ ev: "call.state", data: { ...view, call: "d", state: "ended", legs: [] } });
  await places("999", () => gone("a.2", "not_found"));
  expect(over).toHaveBeenLastCalledWith("not_found", "999", "999");
  await places("0901", () => {
    const legs = [{ leg: "a.2", user: "u", kind: "browser", state: "gone" }];
    gone("a.2", "unwanted");
    wire().tell({ ev: "call.state", data: { ...view, call: "d", state: "ended", legs } });
  });
  expect(over).toHaveBeenLastCalledWith("unwanted", "0901", "0901");
  const opening = vi.spyOn(FakePC.prototype, "setRemoteDescription").mockImplementation(() => {
    const legs = [{ leg: "a.2", user: "u", kind: "browser", state: "gone" }];
    gone("a.2", "unwanted");
    wire().tell({ ev: "call.state", data: { ...view, call: "d", state: "ended", legs } });
    return new Promise(() => {}); // as of a connection that is closed meanwhile
  });
  await places("0902");
  expect(over).toHaveBeenLastCalledWith("unwanted", "0902", "0902");
  opening.mockImplementation(async () => gone("a.2", "forbidden"));
  await places("0900"); // told while the answer is being taken
  expect(over).toHaveBeenLastCalledWith("forbidden", "0900", "0900");
  expect(live.store.get().legs).toMatchObject([{ leg: "a.1" }]);
});

it("says nothing of a call that somebody hung up, or that ends elsewhere", () => {
  gone("a.1", "normal");
  gone("a.7", "busy");
  expect(live.store.get()).toMatchObject({ mine: {}, legs: [] });
  expect(over).not.toHaveBeenCalled();
});

it("tells the server that its page is closed", async () => {
  dispatchEvent(new Event("pagehide"));
  expect(
    wire()
      .sent.filter((m) => m.op === "leg.left")
      .map((m) => m.data),
  ).toEqual([{ leg: "a.1" }]);
});

it("doubts the socket where a call has fallen silent", async () => {
  const [pc] = FakePC.all;
  pc!.connectionState = "disconnected";
  pc!.onconnectionstatechange?.();
  expect(wire().sent.map(({ op }) => op)).toContain("ping");
});
