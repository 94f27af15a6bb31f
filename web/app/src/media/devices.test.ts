import { afterEach, beforeEach, expect, it } from "vitest";
import { camera, choose, microphone } from "./devices";
import { FakeStream, FakeTrack } from "./rtc.testing";

let asked: MediaStreamConstraints[];
let refuse: (c: MediaTrackConstraints) => string | undefined;

const exact = (id: string) => ({ deviceId: { exact: id } });

beforeEach(() => {
  localStorage.clear();
  asked = [];
  refuse = () => undefined;
  const getUserMedia = async (c: MediaStreamConstraints) => {
    asked.push(c);
    const name = refuse((c.audio ?? c.video) as MediaTrackConstraints);
    if (name) throw new DOMException("", name);
    return new FakeStream([new FakeTrack(c.audio ? "audio" : "video")]);
  };
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia } });
});
afterEach(() => localStorage.clear());

it("opens the device that was chosen, and no other that the browser prefers", async () => {
  choose("audioinput", "headset");
  choose("videoinput", "desk");
  await microphone();
  await camera();
  expect(asked).toMatchObject([{ audio: exact("headset") }, { video: exact("desk") }]);
});

it("opens another when the chosen one is not there any more", async () => {
  choose("audioinput", "headset");
  refuse = (c) => (c.deviceId ? "OverconstrainedError" : undefined);
  await microphone();
  expect(asked).toHaveLength(2);
  expect((asked[1]!.audio as MediaTrackConstraints).deviceId).toBeUndefined();
});

it("says what is wrong, and tries no other where the person or another program has a say", async () => {
  choose("audioinput", "headset");
  for (const [name, fault] of [
    ["NotAllowedError", "denied"],
    ["NotReadableError", "busy"],
  ] as const) {
    asked = [];
    refuse = () => name;
    await expect(microphone()).rejects.toMatchObject({ fault, device: "microphone" });
    expect(asked).toHaveLength(1);
  }
  refuse = () => "NotFoundError";
  await expect(camera()).rejects.toMatchObject({ fault: "missing", device: "camera" });
});
