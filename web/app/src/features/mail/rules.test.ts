import { expect, it } from "vitest";
import { type Condition, conditionOf, linesOf } from "./rules";

it("shows conditions as lines, and makes the same of them again", () => {
  const is: Condition = { op: "is", field: "from", match: "ends", value: "@x.ro" };
  const c: Condition = {
    op: "any",
    of: [
      is,
      { op: "none", of: [{ op: "is", field: "list", match: "exists" }] },
      { op: "is", field: "size", match: "over", value: "9" },
    ],
  };
  const shown = linesOf(c)!;
  expect(shown.lines.map((l) => l.not)).toEqual([false, true, false]);
  expect(conditionOf(shown.op, shown.lines)).toEqual(c);
  expect(linesOf(is)).toMatchObject({ op: "all", lines: [{ field: "from" }] });
  expect(linesOf({ op: "all", of: [{ op: "any", of: [is, is] }] })).toBeUndefined();
});
