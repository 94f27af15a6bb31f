import { expect, it } from "vitest";
import { simple, unchosen } from "~/app/unchosen";
import { swapped } from "./Pipelines";
import { freshRule } from "./Rules";

const line = { field: "line", op: "is", values: ["+40215550100"] };
const time = { field: "time", op: "between", values: ["09:00", "18:00"] };

it("shows one condition or several that all hold, and leaves deeper trees alone", () => {
  expect(simple({})).toEqual([]);
  expect(simple(line)).toEqual([line]);
  expect(simple({ all: [line, time] })).toEqual([line, time]);
  expect(simple({ any: [line, time] })).toBeUndefined();
  expect(simple({ all: [line, { not: time }] })).toBeUndefined();
});

it("swaps two places", () => expect(swapped(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]));

it("finds the rule that makes leads for nobody, unless one before it takes everybody", () => {
  const some = { ...freshRule, id: "some", when: line };
  const all = { ...freshRule, id: "all" };
  const nobody = { ...freshRule, id: "nobody", then: { create: true, assign: "nobody" } };
  expect(unchosen([])).toBeUndefined();
  expect(unchosen([all])).toBeUndefined();
  expect(unchosen([some, nobody])?.id).toBe("nobody");
  expect(unchosen([all, nobody])).toBeUndefined();
  expect(unchosen([{ ...all, active: false }, nobody])?.id).toBe("nobody");
  expect(unchosen([{ ...nobody, active: false }])).toBeUndefined();
});
