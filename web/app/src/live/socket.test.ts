import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveError } from "./protocol";
import { backoff, Socket } from "./socket";
import { Wire } from "./wire.testing";

beforeEach(() => {
  Wire.all = [];
  vi.stubGlobal("WebSocket", Wire);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(): { socket: Socket; wire: Wire } {
  const socket = new Socket("ws://x");
  socket.open();
  const wire = Wire.all[0]!;
  wire.accept();
  return { socket, wire };
}

it("matches answers to what was asked, whatever their order", async () => {
  const { socket, wire } = open();
  const hold = socket.ask("call.hold", { leg: "a", on: true });
  const place = socket.ask("call.place", { to: "101", sdp: "o" });
  wire.tell({ re: wire.sent[1]!.id, data: { call: "c", leg: "l", sdp: "s" } });
  wire.tell({ re: wire.sent[0]!.id, error: { code: "busy", message: "Busy" } });
  await expect(place).resolves.toEqual({ call: "c", leg: "l", sdp: "s" });
  await expect(hold).rejects.toMatchObject({ code: "busy" });
});

it("hands events to who listens, until they stop", () => {
  const { socket, wire } = open();
  const heard = vi.fn();
  const stop = socket.on("call.reoffer", heard);
  wire.tell({ ev: "call.reoffer", data: { leg: "a" } });
  stop();
  wire.tell({ ev: "call.reoffer", data: { leg: "b" } });
  expect(heard.mock.calls).toEqual([[{ leg: "a" }]]);
});

it("fails what waits when the connection goes, and connects again", async () => {
  const { socket, wire } = open();
  const asked = socket.ask("call.hangup", { leg: "a" });
  wire.drop();
  await expect(asked).rejects.toEqual(new LiveError("offline", "Not connected. Frontdesk is trying again."));
  expect(socket.status).toBe("waiting");
  await vi.advanceTimersByTimeAsync(300);
  Wire.all[1]!.accept();
  expect(socket.status).toBe("open");
});

it("does not come back after close", async () => {
  const { socket } = open();
  socket.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Wire.all).toHaveLength(1);
});

it("waits longer each time, never beyond eight seconds", () => {
  expect([0, 1, 2, 10].map((n) => backoff(n, () => 0))).toEqual([250, 500, 1000, 8000]);
  expect(backoff(10, () => 0.999)).toBeGreaterThan(5000);
});

it("tells that a connection was refused, not that one went", async () => {
  const refused = vi.fn();
  const socket = new Socket("ws://x", undefined, refused);
  socket.open();
  Wire.all[0]!.accept();
  Wire.all[0]!.drop();
  expect(refused).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300);
  Wire.all[1]!.drop();
  expect(refused).toHaveBeenCalledOnce();
});

it("begins anew at once when one in doubt says nothing", async () => {
  const { socket, wire } = open();
  const asked = socket.ask("call.ice", {});
  socket.doubt();
  socket.doubt();
  expect(wire.sent.map(({ op }) => op)).toEqual(["call.ice", "ping"]);
  const failed = expect(asked).rejects.toMatchObject({ code: "offline" });
  await vi.advanceTimersByTimeAsync(600);
  await failed;
  expect(wire.readyState).toBe(3);
  expect(Wire.all).toHaveLength(2);
  Wire.all[1]!.accept();
  expect(socket.status).toBe("open");
});

it("keeps one in doubt that says anything", async () => {
  const { socket, wire } = open();
  socket.doubt();
  wire.tell({ ev: "presence", data: {} });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(Wire.all).toHaveLength(1);
  expect(socket.status).toBe("open");
});

it("doubts one that says nothing for long, again and again", async () => {
  const { wire } = open();
  for (let n = 1; n <= 3; n++) {
    await vi.advanceTimersByTimeAsync(15_000);
    expect(wire.sent).toHaveLength(n);
    wire.tell({ re: wire.sent.at(-1)!.id, data: {} });
  }
  await vi.advanceTimersByTimeAsync(19_900);
  expect(Wire.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(400);
  expect(Wire.all).toHaveLength(2);
});

it("is in more of a hurry once a call falls silent, too", async () => {
  const { socket } = open();
  await vi.advanceTimersByTimeAsync(15_100);
  socket.doubt();
  await vi.advanceTimersByTimeAsync(600);
  expect(Wire.all).toHaveLength(2);
});

it("does not listen to one that it gave up, and comes back all the same", async () => {
  const { wire } = open();
  wire.drop();
  wire.tell({ ev: "presence", data: {} });
  await vi.advanceTimersByTimeAsync(300);
  expect(Wire.all).toHaveLength(2);
});

it("gives up an opening that hangs", async () => {
  const socket = new Socket("ws://x");
  socket.open();
  await vi.advanceTimersByTimeAsync(5300);
  expect(Wire.all).toHaveLength(2);
  Wire.all[0]!.drop();
  Wire.all[1]!.accept();
  expect(socket.status).toBe("open");
});

it("waits no longer once the network is there again", async () => {
  const { socket, wire } = open();
  wire.drop();
  socket.hurry();
  expect(Wire.all).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(Wire.all).toHaveLength(2);
});
