import { expect, it } from "vitest";
import { fileOf } from "./Person";

it("a person's file names who else is the same", () => {
  const of = { kind: "contact", id: "a" } as const;
  expect(fileOf(of, [])).toBe("/api/v1/persons/contact/a/file");
  expect(fileOf(of, [{ kind: "lead", id: "b" }])).toBe("/api/v1/persons/contact/a/file?also=lead%3Ab");
});
