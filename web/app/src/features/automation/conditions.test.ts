import { expect, it } from "vitest";
import { type Condition, closed, group, isGroup, leaf, opened } from "./conditions";

const line: Condition = { field: "line", op: "is", values: ["+40215550100"] };
const time: Condition = { field: "time", op: "between", values: ["09:00", "18:00"] };
const empty: Condition = { field: "comment", op: "empty" };

it("keeps any tree as the server has it", () => {
  for (const c of [
    {},
    line,
    empty,
    { all: [line, time] },
    { any: [line, { all: [time, { not: line }] }] },
    { not: line },
    { not: { any: [line, time] } },
    { not: { all: [line, time] } },
    { all: [line, { any: [time, { all: [line, { any: [line, { not: { any: [time, empty] } }] }] }] }] },
  ] satisfies Condition[])
    expect(closed(opened(c))).toEqual(c);
});

it("leaves out groups with nothing in them, and a group around one thing", () => {
  expect(closed(group("any", [group("all"), group("none", [group()])]))).toEqual({});
  expect(closed(group("any", [leaf("line", "is", ["x"]), group()]))).toEqual({
    field: "line",
    op: "is",
    values: ["x"],
  });
});

it("begins with a group", () => {
  expect(opened({})).toMatchObject({ join: "all", of: [] });
  expect(isGroup(opened(line))).toBe(true);
});
