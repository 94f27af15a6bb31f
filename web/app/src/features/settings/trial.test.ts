import { expect, it } from "vitest";
import { asked, branches } from "./trial";

it("draws together what leads to the same", () => {
  const next = { no_answer: 1, busy: 1, declined: 1, unavailable: 2 };
  expect(branches({ kind: "ring", next })).toEqual([
    { outcomes: ["no_answer", "busy", "declined"], to: 1 },
    { outcomes: ["unavailable"], to: 2 },
  ]);
  expect(branches({ kind: "ring", next: {} })).toEqual([
    { outcomes: ["no_answer", "busy", "declined", "unavailable"], to: undefined },
  ]);
  expect(branches({ kind: "refuse", next: {} })).toEqual([]);
});

it("asks for now, and for a withheld number, by leaving both out", () => {
  expect(asked({ number: "+40311000001", from: " ", at: "", verified: "" })).toEqual({ number: "+40311000001" });
  const at = "2026-11-30T09:00";
  expect(asked({ number: "+40311000001", from: " 0722 ", at, verified: "failed" })).toEqual({
    number: "+40311000001",
    from: "0722",
    at: new Date(at).toISOString(),
    verified: "failed",
  });
});
