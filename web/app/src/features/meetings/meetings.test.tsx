import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import { live } from "~/app/live";
import { at, clear, click, fill, find, says, serve, show, text } from "~/app/page.testing";
import { LiveError } from "~/live/protocol";
import { installRTC } from "~/media/rtc.testing";
import Meetings from "./Meetings";
import { PreJoin } from "./PreJoin";

const room = { id: "r", title: "Monday round", about: [], people: [], owner: "ion", inside: ["ion"], guests: 1 };
const rooms = { "GET /api/v1/meetings/{id}": room };

class Context {
  createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData() {} });
  createMediaStreamSource = () => ({ connect() {} });
  async close() {}
}

beforeEach(() => {
  installRTC();
  Object.assign(navigator.mediaDevices, {
    enumerateDevices: async () => [],
    addEventListener() {},
    removeEventListener() {},
  });
  vi.stubGlobal("AudioContext", Context);
});
afterEach(() => {
  clear();
  vi.unstubAllGlobals();
});

it("says what meetings are for while there are none, and starts one", async () => {
  const asked = serve({ "POST /api/v1/meetings": { id: "new" } });
  await show(<Meetings />);
  await says("No meetings yet");
  await fill("Title of the meeting", "Offer 114");
  await click("Start now");
  await expect.poll(at).toBe("/meetings/new");
  expect(asked).toContainEqual({ what: "POST /api/v1/meetings", with: { title: "Offer 114", about: [] } });
});

it("lets one in as one chose, and says who is inside", async () => {
  serve(rooms);
  const join = vi.spyOn(live, "join").mockResolvedValue();
  await show(<PreJoin room="r" />);
  await says("Monday round");
  await says("Inside: Ion Rusu, 1 by phone");
  await says("You come in as Maria Popa");
  await click("Camera on");
  await expect.poll(() => find("Camera off")).toBeDefined();
  await click("Join");
  expect(join).toHaveBeenCalledExactlyOnceWith("r", { audio: true, video: false });
});

it("says why there is no picture, and lets one in without", async () => {
  serve(rooms);
  navigator.mediaDevices.getUserMedia = async () => Promise.reject(new DOMException("", "NotAllowedError"));
  await show(<PreJoin room="r" />);
  await expect.poll(() => document.querySelector("[role=alert]")?.textContent).toMatch(/microphone/i);
  expect((find("Join") as HTMLButtonElement).disabled).toBe(false);
});

it("offers to go on here where another tab is in it already", async () => {
  serve(rooms);
  const bring = vi.spyOn(live, "bring").mockResolvedValue();
  const person = { leg: "n.1", user: "me", number: "", name: "", muted: false, camera: false } as const;
  live.store.set({
    me: "me",
    mine: { "n.1": "meet:r" },
    rooms: { r: { room: "r", node: "n", title: "", people: [{ ...person, kind: "browser", state: "active" }] } },
  });
  await show(<PreJoin room="r" />);
  await says("You are in this meeting already, in another tab.");
  expect(find("Join")).toBeUndefined();
  await click("Go on here");
  expect(bring.mock.calls[0]!.slice(0, 2)).toEqual(["r", "n.1"]);
});

it("has who is not invited ask, tells how that stands, and brings him in once he may", async () => {
  serve({ "GET /api/v1/meetings/{id}": new Problem(404, "There is no such meeting.") });
  const join = vi.spyOn(live, "join").mockResolvedValue();
  const answers = [
    () => Promise.reject(new LiveError("turned_away", "no")),
    () => ({ state: "empty" }),
    () => ({ state: "invited" }),
  ];
  vi.spyOn(live.socket, "ask").mockImplementation((async (_: string, { over }: { over?: boolean }) =>
    over ? {} : answers.shift()!()) as never);
  await show(<PreJoin room="r" />);
  await says("You are not invited to this meeting");
  expect(text()).not.toContain("Monday round");
  await click("Ask to be let in");
  await says("Those inside did not let you in.");
  await click("Ask to be let in");
  await says("Nobody is inside yet.");
  await click("Stop asking");
  await says("Those inside can let you in.");
  await click("Ask to be let in");
  await expect.poll(() => join.mock.calls).toEqual([["r", { audio: true, video: true }]]);
});
