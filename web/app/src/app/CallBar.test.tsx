import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveError } from "~/live/protocol";
import { CallBar } from "./CallBar";
import { live } from "./live";
import * as notify from "./notify";
import { call, clear, click, fill, find, finds, press, running, says, serve, show, text } from "./page.testing";

vi.mock("./notify", { spy: true });

beforeEach(() => {
  serve();
  vi.mocked(notify.complain).mockImplementation(() => {});
});
afterEach(clear);

const pressed = (name: string) => find(name)?.getAttribute("aria-pressed");

it("is not there while nobody speaks", async () => {
  running([call({ state: "ringing" }, { state: "ringing" })]);
  await show(<CallBar />);
  expect(find("Hang up")).toBeUndefined();
});

it("says that it calls, and offers what makes sense before the answer", async () => {
  running([call({ direction: "out", state: "ringing", answered: "0001-01-01T00:00:00Z", to: "+40733000111" })]);
  await show(<CallBar />);
  await says("Calling…");
  expect(text()).toContain("+40 733 000 111");
  for (const [name, on] of Object.entries({ Mute: true, Keypad: true, Hold: false, Transfer: false }))
    expect((find(name) as HTMLButtonElement).disabled, name).toBe(!on);
});

it("holds and takes back, mutes and unmutes, hangs up, and says how it stands", async () => {
  const hold = vi.spyOn(live, "hold").mockResolvedValue();
  const mute = vi.spyOn(live.phone, "mute").mockResolvedValue();
  const hangup = vi.spyOn(live, "hangup").mockResolvedValue();
  running([call()]);
  await show(<CallBar />);
  await click("Hold");
  await click("Mute");
  expect([pressed("Hold"), pressed("Mute")]).toEqual(["false", "false"]);
  running([call({}, { held: true, muted: true })]);
  await says("On hold"); // which matters more than that one is muted
  expect([pressed("Take back"), pressed("Unmute")]).toEqual(["true", "true"]);
  await click("Take back");
  await click("Unmute");
  running([call({}, { muted: true })]);
  await says("Muted");
  await click("Hang up");
  expect([hold.mock.calls, mute.mock.calls, hangup.mock.calls]).toEqual([
    [
      ["mine", true],
      ["mine", false],
    ],
    [
      ["mine", true],
      ["mine", false],
    ],
    [["mine"]],
  ]);
});

it("says when nothing comes through", async () => {
  running([call()]);
  live.store.set({ legs: [{ leg: "mine", muted: false, connection: "disconnected", blocked: false }] });
  await show(<CallBar />);
  await says("No connection");
  live.store.set({ legs: [{ leg: "mine", muted: false, connection: "connected", blocked: true }] });
  await says("Click anywhere to hear");
});

it("brings a call here that another tab has", async () => {
  const over = vi.spyOn(live, "takeOver").mockResolvedValue();
  running([call()], false);
  await show(<CallBar />);
  await click("Speak here");
  expect(over).toHaveBeenCalledExactlyOnceWith("mine");
  expect(find("Mute")).toBeUndefined();
});

it("sends what is pressed on the keypad, by the keyboard too, and nothing else that is typed", async () => {
  const digit = vi.spyOn(live.phone, "digit").mockResolvedValue();
  running([call()]);
  await show(<CallBar />);
  await click("Keypad");
  const pad = await finds("1");
  press("2", pad);
  press("x", pad);
  press("#", pad);
  await click("5");
  expect(digit.mock.calls).toEqual([
    ["mine", "2"],
    ["mine", "#"],
    ["mine", "5"],
  ]);
  await says("2#5");
});

it("transfers to the colleague whose name is begun, and to a number as it is typed", async () => {
  const transfer = vi.spyOn(live, "transfer").mockResolvedValue();
  running([call()]);
  await show(<CallBar />);
  for (const typed of ["rus", "0722 000 111"]) {
    await click("Transfer");
    await expect.poll(() => find("Colleague or number", "input")).toBeDefined();
    await says("Ion Rusu");
    await fill("Colleague or number", typed);
    document.querySelector<HTMLFormElement>("form")!.requestSubmit();
    await expect.poll(() => document.querySelector("form")).toBeNull();
  }
  expect(transfer.mock.calls).toEqual([
    ["mine", "102"],
    ["mine", "0722 000 111"],
  ]);
});

it("connects two calls of ours", async () => {
  const join = vi.spyOn(live, "joinCalls").mockResolvedValue(undefined);
  const other = call({ call: "d", from: "+40733000222" }, { leg: "other" }, { leg: "t2", number: "+40733000222" });
  running([call({}, { held: true }), other]);
  await show(<CallBar />);
  await click("Transfer");
  await click("Connect with +40 733 000 222");
  expect(join).toHaveBeenCalledExactlyOnceWith("mine", "other");
});

it("follows a transfer: whom it rings, that it can be taken back, and why it was in vain", async () => {
  const back = vi.spyOn(live, "takeBack").mockResolvedValue(undefined);
  const transfer = { leg: "mine", peer: "theirs", to: "102", user: "ion" };
  running([call({ transfer: { ...transfer, state: "ringing" } })]);
  await show(<CallBar />);
  await says("Transferring to Ion Rusu: rings");
  expect(find("Hold")).toBeUndefined();
  await click("Take back");
  expect(back).toHaveBeenCalledExactlyOnceWith("mine");
  running([call({ transfer: { ...transfer, state: "failed", cause: "declined" } })]);
  await says("Not transferred to Ion Rusu: Declined");
  expect(find("Hold")).toBeDefined();
});

it("tells who sent the other side here", async () => {
  running([call({}, { by: "ion" })]);
  await show(<CallBar />);
  await says("sent by Ion Rusu");
});

it("complains when the server refuses", async () => {
  const refused = new LiveError("not_found", "over");
  vi.spyOn(live, "hold").mockRejectedValue(refused);
  running([call()]);
  await show(<CallBar />);
  await click("Hold");
  await expect.poll(() => vi.mocked(notify.complain).mock.calls).toEqual([[refused]]);
});

it("goes on with the device that is picked", async () => {
  const change = vi.spyOn(live, "change").mockResolvedValue();
  const devices = ["Desk", "Headset"].map((label) => ({ kind: "audioinput", deviceId: label, label }));
  Object.defineProperty(navigator, "mediaDevices", {
    configurable: true,
    value: { enumerateDevices: async () => devices, addEventListener() {}, removeEventListener() {} },
  });
  running([call()]);
  await show(<CallBar />);
  await click("Microphone and loudspeaker");
  await click("Microphone");
  const options = () => [...document.querySelectorAll<HTMLElement>("[role=option]")];
  await expect.poll(() => options().map((o) => o.textContent)).toContain("Headset");
  options()
    .find((o) => o.textContent === "Headset")!
    .click();
  await expect.poll(() => change.mock.calls).toEqual([["audioinput"]]);
  expect(localStorage.getItem("frontdesk.devices")).toBe('{"audioinput":"Headset"}');
  localStorage.clear();
});

it("says that the network is weak, and how weak where one looks for it", async () => {
  running([call()]);
  const quality = (loss: number) =>
    live.store.set({
      legs: live.store.get().legs.map((l) => ({ ...l, quality: { loss, jitter: 4, roundTrip: 40 } })),
    });
  quality(0);
  await show(<CallBar />);
  await click("Microphone and loudspeaker");
  await says("Good connection");
  expect(text()).not.toContain("Bad network");
  quality(0.083);
  await says("Bad network");
  await says("Lost: 8.3% · there and back: 40 ms · unevenness: 4 ms");
});
