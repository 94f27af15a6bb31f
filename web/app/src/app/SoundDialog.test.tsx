import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Tones } from "~/media/audio";
import { chosen } from "~/media/devices";
import { installRTC } from "~/media/rtc.testing";
import { clear, click, finds, says, serve, show, text } from "./page.testing";
import SoundDialog from "./SoundDialog";

class FakeContext {
  createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => {} });
  createMediaStreamSource = () => ({ connect: () => {} });
  close = async () => {};
}

const devices = [
  { kind: "audioinput", deviceId: "desk", label: "Desk microphone" },
  { kind: "audiooutput", deviceId: "headset", label: "Headset" },
  { kind: "audiooutput", deviceId: "loud", label: "Speakers" },
];
let permission: string;

beforeEach(() => {
  serve();
  installRTC();
  localStorage.clear();
  vi.stubGlobal("AudioContext", FakeContext);
  Object.assign(navigator.mediaDevices, {
    enumerateDevices: async () => devices,
    addEventListener() {},
    removeEventListener() {},
  });
  permission = "default";
  const requestPermission = async () => {
    permission = "granted";
    return permission;
  };
  vi.stubGlobal("Notification", {
    requestPermission,
    get permission() {
      return permission;
    },
  });
});
afterEach(() => {
  clear();
  vi.unstubAllGlobals();
});

it("has calls ring at another loudspeaker than they are heard at, and tries it", async () => {
  const play = vi.spyOn(Tones.prototype, "play").mockImplementation(() => {});
  await show(<SoundDialog onClose={() => {}} />);
  (await finds("Rings at")).click();
  const option = () =>
    [...document.querySelectorAll<HTMLElement>("[role=option]")].filter((o) => o.textContent === "Speakers");
  await expect.poll(() => option().length).toBeGreaterThan(0);
  option().at(-1)!.click();
  expect(chosen()).toEqual({ ringer: "loud" });
  await click("Try the ringer");
  await expect.poll(() => play.mock.calls).toContainEqual(["ring"]);
});

it("asks for notifications by a click, and says so once they may be shown", async () => {
  await show(<SoundDialog onClose={() => {}} />);
  await says("Sound and devices");
  expect(text()).not.toContain("Calls are told");
  await click("Tell me of calls while this window is hidden");
  await says("Calls are told while this window is hidden");
});
