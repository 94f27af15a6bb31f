import { beforeEach, expect, it } from "vitest";
import type { CardEvent } from "~/live/protocol";
import { cards } from "./card";

const view = (id: string) => ({ ref: { kind: "contact", id } }) as CardEvent["cards"][number];
const event = (...ids: string[]): CardEvent => ({
  reason: "call",
  activity: "a",
  match: "exact",
  name: "",
  address: "",
  cards: ids.map(view),
  for: [],
  responsible: "",
  call: "c",
});

beforeEach(() => cards.close());

it("opens the card of the only match at once", () => {
  cards.arrive(event("1"));
  expect(cards.get().ref).toEqual({ kind: "contact", id: "1" });
});

it("lets the person pick among several", () => {
  cards.arrive(event("1", "2"));
  expect(cards.get().ref).toBeUndefined();
  cards.pick({ kind: "contact", id: "2" });
  expect(cards.get()).toMatchObject({ ref: { id: "2" }, event: { call: "c" } });
});

it("waits behind a pinned card until asked for", () => {
  cards.show({ kind: "lead", id: "9" });
  cards.pin(true);
  cards.arrive(event("1"));
  expect(cards.get()).toMatchObject({ ref: { id: "9" }, waiting: { call: "c" } });
  cards.admit();
  expect(cards.get().ref?.id).toBe("1");
});

it("finds the card of a call again", () => {
  cards.arrive(event("1"));
  cards.close();
  cards.recall(event("1"));
  expect(cards.get().ref?.id).toBe("1");
});
