import { expect, it } from "vitest";
import type { Deal } from "~/api";
import { movedSums } from "./queries";

const deal = { id: "1", stage: "new", amount: 100, currency: "EUR" } as Deal;

it("moves a deal's worth from one stage to another", () => {
  const sums = [
    { stage: "new", currency: "EUR", count: 2, amount: 300 },
    { stage: "offer", currency: "EUR", count: 1, amount: 50 },
    { stage: "new", currency: "USD", count: 1, amount: 7 },
  ];
  const there = movedSums(sums, deal, "offer");
  expect(there).toEqual(
    expect.arrayContaining([
      { stage: "new", currency: "EUR", count: 1, amount: 200 },
      { stage: "offer", currency: "EUR", count: 2, amount: 150 },
      { stage: "new", currency: "USD", count: 1, amount: 7 },
    ]),
  );
  const back = movedSums(there, { ...deal, stage: "offer" }, "new");
  expect(back).toHaveLength(3);
  expect(back).toEqual(expect.arrayContaining(sums));
});

it("begins a stage and ends one", () => {
  const sums = [{ stage: "new", currency: "EUR", count: 1, amount: 100 }];
  expect(movedSums(sums, deal, "won")).toEqual([{ stage: "won", currency: "EUR", count: 1, amount: 100 }]);
});

it("leaves sums alone that the deal is no part of", () => {
  const sums = [{ stage: "new", currency: "USD", count: 1, amount: 100 }];
  expect(movedSums(sums, deal, "won")).toEqual(sums);
});
