import { i18n } from "@lingui/core";
import { afterEach, expect, test } from "vitest";
import { type Field, moneyOf, plain } from "./fields";

const number = { type: "number" } as Field;
const before = i18n.locale;
afterEach(() => i18n.loadAndActivate({ locale: before || "en", messages: {} }));

test.each([
  ["en", "1,200.5", "1200.5"],
  ["ro", "1.200,5", "1200.5"],
  ["ro", "1200.5", "1200.5"],
  ["ru", "1\u00a0200,5", "1200.5"],
])("in %s %s is %s", (locale, typed, kept) => {
  i18n.loadAndActivate({ locale, messages: {} });
  expect(plain(number, typed)).toBe(kept);
});

test("a text stays as it was typed", () => expect(plain({ type: "text" } as Field, "1,2")).toBe("1,2"));

test("money is read in hundredths", () => {
  expect(moneyOf("1200.50 EUR")).toEqual({ amount: 120050, currency: "EUR" });
  expect(moneyOf("x")).toBeUndefined();
});
