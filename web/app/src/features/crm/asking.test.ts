import { expect, test } from "vitest";
import type { Field } from "~/features/fields/fields";
import { opsOf } from "./asking";
import { changeOf } from "./Bulk";

const field = (type: Field["type"], id = "x", built_in = false): Field => ({
  id,
  type,
  name: id,
  kinds: ["deal"],
  built_in,
});

test("what can be asked of a field goes by its type", () => {
  expect(opsOf(field("number"))[0]).toBe("from");
  expect(opsOf(field("text"))).toContain("starts");
  expect(opsOf(field("choice"))).toEqual(["is", "not", "empty", "filled"]);
  expect(opsOf(field("date", "created", true))).toEqual(["from", "to"]);
});

test("tags are added and removed, other values replace what was", () => {
  expect(changeOf({ id: "tags" }, ["vip"])).toEqual({ add_tags: ["vip"] });
  expect(changeOf({ id: "-tags" }, ["vip"])).toEqual({ remove_tags: ["vip"] });
  expect(changeOf({ id: "responsible" }, ["u"])).toEqual({ responsible: "u" });
  expect(changeOf({ id: "x" }, [])).toEqual({ fields: { x: [] } });
});
