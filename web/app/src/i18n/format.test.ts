import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import { day, duration, fileSize, money, phone, typed, unset, when } from "./format";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

it.each([
  [0, "0:00"],
  [134, "2:14"],
  [3734, "1:02:14"],
  [-3, "0:00"],
])("duration of %d s is %s", (seconds, text) => expect(duration(seconds)).toBe(text));

it.each([
  ["+40215550100", "+40 215 550 100"],
  ["+37369550003", "+373 695 500 03"],
  ["+12125550123", "+1 212 555 0123"],
  ["102", "102"],
  ["anonymous", "anonymous"],
])("%s is read as %s", (number, text) => expect(phone(number)).toBe(text));

it("writes whole amounts without cents", () => {
  expect(money(720000, "EUR")).toBe("€7,200");
  expect(money(150, "EUR")).toBe("€1.50");
});

it("writes each currency with its own decimals", () => {
  expect(money(120000, "JPY")).toBe("¥1,200");
  expect(money(120040, "JPY")).toBe("¥1,200");
  expect(money(150, "KWD")).toBe("KWD\u00a01.500");
  expect(money(1500_00, "KWD")).toBe("KWD\u00a01,500");
  expect([typed(1050, "EUR"), typed(1050, "JPY"), typed(1050, "KWD")]).toEqual([1050, 1100, 1050]);
});

describe("a moment", () => {
  const now = new Date(2026, 10, 23, 12, 0);
  it("of today is its time", () => expect(when(new Date(2026, 10, 23, 9, 5), now)).toMatch(/09:05/));
  it("of this year is its day", () => expect(when(new Date(2026, 2, 3), now)).toBe("Mar 3"));
  it("of another year is whole", () => expect(day(new Date(2025, 2, 3), now)).toBe("Mar 3, 2025"));
});

it("sizes files", () => {
  expect(fileSize(0)).toMatch(/^0/);
  expect(fileSize(1_500_000)).toMatch(/^1.5/);
});

it("knows Go's zero time", () =>
  expect([unset("0001-01-01T00:00:00Z"), unset("2026-01-01T00:00:00Z")]).toEqual([true, false]));
