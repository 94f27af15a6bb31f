import { expect, it } from "vitest";
import { looked, written } from "./query";

it.each([
  "pumps offer",
  'from:radu subject:"two words" has:attachment',
  "file:plan.pdf after:2026-03-01 before:2026-04-01 is:unread is:flagged",
  "https://a.example from:x",
])("reads what it writes: %s", (q) => expect(written(looked(q)).split(" ").sort()).toEqual(q.split(" ").sort()));

it("leaves unknown words alone", () => expect(looked("has:time to:ana").words).toBe("has:time"));
