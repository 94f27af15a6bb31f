import { expect, it } from "vitest";
import { moments } from "./later";

const days = (now: string) => moments(new Date(now)).map((m) => [m.at.getDate(), m.at.getHours()]);

it("offers the moments that are to come, each once", () => {
  const tuesday = "2026-12-01T10:00:00";
  expect(days(tuesday)).toEqual([
    [1, 18],
    [2, 9],
    [7, 9],
    [8, 9],
  ]);
  expect(days("2026-12-01T17:45:00")[0]).toEqual([2, 9]); // the evening is here
  expect(days("2026-12-06T10:00:00")).toHaveLength(3); // tomorrow is Monday
});
