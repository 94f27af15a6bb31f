import { expect, it } from "vitest";
import { letterOf } from "./letter";
import { blank, filled, parts, sent } from "./lines";

it("keeps typed numbers whole, and takes nothing for what is no number", () => {
  expect([parts(0.1 + 0.2, 1000), parts("19.99", 100), parts(-1.005, 100), parts("", 100), parts("x", 100)]).toEqual([
    300, 1999, -100, 0, 0,
  ]);
});

it("leaves lines out that say nothing, and fills a line by a product of the document's currency", () => {
  const line = { ...blank(2100), quantity: 2500 };
  const p = { id: "p", name: "Phone", sku: "T5", unit: "pcs", price: 12990, currency: "EUR", tax: 1100, active: true };
  const product = { ...p, created: "", updated: "" };
  const taken = filled(line, product, "EUR");
  expect(taken).toMatchObject({ product: "p", name: "Phone", unit: "pcs", price: 12990, tax: 1100, quantity: 2500 });
  expect(filled(line, product, "RON").price).toBe(0);
  expect(sent([line, taken, { ...blank(0), name: " " }])).toHaveLength(1);
  expect(sent([taken])[0]).not.toHaveProperty("key");
});

it("writes the mail in the document's language", () => {
  expect(letterOf({ kind: "invoice", number: "I-1", language: "ro" }).subject).toBe("Factura I-1");
  expect(letterOf({ kind: "offer", number: "O-1", language: "ru" }).html).toContain("предложение O-1 во вложении");
});
