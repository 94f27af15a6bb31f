import { expect, it } from "vitest";
import { wavOf } from "./wav";

it("writes samples as a WAV file", async () => {
  const file = new DataView(await wavOf(new Float32Array([0, 1, -1, 2])).arrayBuffer());
  const mark = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((i) => file.getUint8(at + i)));
  expect([mark(0), mark(8), mark(36)]).toEqual(["RIFF", "WAVE", "data"]);
  expect(file.getUint32(24, true)).toBe(16000);
  expect(file.getUint32(40, true)).toBe(8);
  expect([0, 1, 2, 3].map((i) => file.getInt16(44 + 2 * i, true))).toEqual([0, 32767, -32767, 32767]);
});
