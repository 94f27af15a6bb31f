import { describe, expect, it } from "vitest";
import type { CardView } from "~/api";
import type { Field } from "~/features/fields/fields";
import { asked, oldestFirst, rowsOf } from "./merging";

const view = (id: string, since: string, contact: object) =>
  ({ ref: { kind: "contact", id }, since, contact }) as unknown as CardView;

const a = view("a", "2026-02-01T00:00:00Z", { name: "A. Pop", responsible: "u", fields: { size: ["1"] } });
const b = view("b", "2026-01-01T00:00:00Z", { name: "Ana Pop", position: "Head", responsible: "u", fields: {} });
const size = { id: "size", name: "Size", type: "number" } as Field;

describe("what several records differ in", () => {
  it("the oldest stands first", () => {
    expect(oldestFirst([a, b]).map((v) => v.ref.id)).toEqual(["b", "a"]);
  });
  it("is offered, with the filled value as usual", () => {
    const rows = rowsOf([b, a], "a", "contact", [size]);
    expect(rows.map((r) => [r.name, r.usual])).toEqual([
      ["name", "a"],
      ["position", "b"],
      ["field:size", "a"],
    ]);
    expect(rows[0]!.options.map((o) => o.value)).toEqual(["A. Pop", "Ana Pop"]);
  });
  it("a choice of a record that is not merged any more is not asked for", () => {
    expect(asked({ name: "a", position: "gone" }, ["a", "b"])).toEqual({ name: "a" });
  });
});
