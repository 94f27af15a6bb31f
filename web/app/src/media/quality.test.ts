import { expect, it } from "vitest";
import { grade, Meter } from "./quality";

const look = (packetsReceived: number, packetsLost: number, more = {}) => [
  { type: "inbound-rtp", kind: "audio", packetsReceived, packetsLost, jitter: 0.004, ...more },
  { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.05 },
];

it("tells what was lost since the look before, and not since the call began", () => {
  const meter = new Meter();
  expect(meter.take(look(1000, 500), 10_000)).toBeUndefined();
  expect(meter.take(look(1050, 500), 11_000)).toBeUndefined(); // too soon
  expect(meter.take(look(1098, 502), 12_000)).toEqual({ loss: 0.02, jitter: 4, roundTrip: 50 });
  expect(meter.take(look(1198, 502), 14_000)?.loss).toBe(0);
});

it("counts what the other side lacks, and what came late after all", () => {
  const meter = new Meter();
  meter.take(look(100, 4), 10_000);
  const theirs = { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.25 };
  expect(meter.take([...look(200, 2), theirs], 12_000)?.loss).toBe(0.25);
});

it("says nothing of a connection without sound", () => {
  const meter = new Meter();
  expect(meter.take([{ type: "transport", bytesReceived: 5 }], 10_000)).toBeUndefined();
});

it.each([
  [{ loss: 0, jitter: 5, roundTrip: 40 }, "good"],
  [{ loss: 0.03, jitter: 5, roundTrip: 40 }, "fair"],
  [{ loss: 0, jitter: 5, roundTrip: 600 }, "poor"],
  [{ loss: 0.01, jitter: 70, roundTrip: 260 }, "poor"],
] as const)("grades by the worst: %o is %s", (q, is) => expect(grade(q)).toBe(is));
