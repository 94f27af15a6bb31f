import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type CardView, Problem } from "~/api";
import { cards } from "~/app/card";
import * as notify from "~/app/notify";
import { call, clear, click, fill, find, finds, press, running, says, serve, show, text } from "~/app/page.testing";
import type { CardEvent } from "~/live/protocol";
import { CallTop } from "./CallTop";
import { CardChoice } from "./CardChoice";
import { RecordCard } from "./RecordCard";

vi.mock("~/app/notify", { spy: true });

const ref = { kind: "contact", id: "r" } as const;
const view = {
  ref,
  name: "Radu Georgescu",
  readable: true,
  responsible: "ion",
  since: "2025-03-01T09:00:00Z",
  points: [{ kind: "phone", value: "+40722123456", raw: "0722 123 456" }],
  contact: { id: "r", name: "Radu Georgescu", position: "Buyer", comment: "" },
  deals: [
    { id: "d1", title: "Showroom", amount: 123456700, currency: "JPY", pipeline: "p", stage: "s" },
    { id: "d2", title: "Cold store", amount: 123450, currency: "KWD", pipeline: "p", stage: "s" },
  ],
  tasks: [],
  timeline: [],
} as unknown as CardView;
const path = "/api/v1/contacts/{id}";

beforeEach(() => void vi.mocked(notify.complain).mockImplementation(() => {}));
afterEach(clear);

it("shows of another's client the name and who looks after him, and nothing else", async () => {
  const { name, responsible } = view;
  const closed = { ref, name, responsible, readable: false, since: "0001-01-01T00:00:00Z", points: [] };
  const asked = serve({ [`GET ${path}/card`]: closed });
  await show(<RecordCard of={ref} />);
  await says("Another colleague looks after this client.");
  await says("Ion Rusu");
  expect(text()).not.toContain("since");
  expect(find("Note")).toBeUndefined();
  expect(asked.map((a) => a.what)).not.toContain(`GET ${path}/timeline`);
});

it("shows what a client is worth in each deal's own currency, and says what comes where nothing was yet", async () => {
  serve({ [`GET ${path}/card`]: view });
  await show(<RecordCard of={ref} />);
  await says("¥1,234,567");
  await says("KWD 1,234.500");
  await says("Nothing yet. Calls, mails and notes appear here by themselves.");
  expect(find("Call +40 722 123 456")).toBeDefined();
});

it("changes a fact where it stands: shown at once, taken back and explained when the server refuses", async () => {
  let refuse = false;
  const asked = serve({
    [`GET ${path}/card`]: view,
    [`PATCH ${path}`]: () => (refuse ? new Problem(409, "Somebody else changed it meanwhile.") : {}),
  });
  const edit = async (value: string, key: string) => {
    await click("Edit: position");
    await fill("position", value);
    press(key, await finds("position"));
  };
  await show(<RecordCard of={ref} />);
  await edit("Director", "Escape");
  await edit("Owner", "Enter");
  await expect
    .poll(() => asked.filter((a) => a.what.startsWith("PATCH")))
    .toEqual([{ what: `PATCH ${path}`, with: { position: "Owner" } }]);
  refuse = true;
  await edit("Nobody", "Enter");
  await expect.poll(() => vi.mocked(notify.complain).mock.calls.length).toBe(1);
  await expect.poll(() => find("Edit: position")?.textContent).toBe("Buyer");
});

it("adds and removes a number without losing how the others were written", async () => {
  const asked = serve({ [`GET ${path}/card`]: view, "GET /api/v1/known": {} });
  await show(<RecordCard of={ref} />);
  await click("Add a number");
  await fill("New number", "0733 000 111");
  press("Enter", await finds("New number"));
  const points = () => asked.filter((a) => a.what.startsWith("PATCH")).map((a) => a.with as { points: object[] });
  await expect.poll(() => points()[0]?.points).toMatchObject([{ raw: "0722 123 456" }, { raw: "0733 000 111" }]);
  await click("Remove +40722123456");
  await expect.poll(() => points()[1]?.points.length).toBe(0);
});

it("keeps the note on a call when one leaves it, and when the call is over", async () => {
  const asked = serve();
  const notes = () =>
    asked.filter((a) => a.what === "POST /api/v1/notes").map((a) => (a.with as { body: string }).body);
  running([call()]);
  await show(<CallTop call={{ leg: "mine", view: call() }} entity={ref} />);
  await says("In the call");
  await fill("Note on the call", "  wants a discount ");
  (await finds("Note on the call")).dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  await expect.poll(notes).toEqual(["wants a discount"]);
  await expect.poll(() => (find("Note on the call") as HTMLTextAreaElement).value).toBe("");
  await fill("Note on the call", "calls on Friday");
  clear();
  await expect.poll(notes).toEqual(["wants a discount", "calls on Friday"]);
});

it("says of a call what the bar and the panel say: that it is held, or rings here while a colleague speaks", async () => {
  serve();
  await show(<CallTop call={{ leg: "mine", view: call({}, { held: true }) }} entity={ref} />);
  await says("On hold");
  clear();
  await show(<CallTop call={{ leg: "mine", view: call({}, { state: "ringing", by: "ion" }) }} entity={ref} />);
  await says("Ringing");
});

const event: CardEvent = {
  reason: "call",
  activity: "a",
  match: "maybe",
  name: "",
  address: "+40215551201",
  cards: [view, { ...view, ref: { kind: "contact", id: "m" }, name: "Mihai Stan", why: "open_deal" } as CardView],
  for: [],
  responsible: "",
};

it("has a digit pick whom it is about, but not while one types or once it is clear", async () => {
  const asked = serve();
  const pick = vi.spyOn(cards, "pick").mockImplementation(() => undefined);
  await show(<CardChoice event={event} chosen={undefined} />);
  await says("Several have +40 215 551 201.");
  const typing = document.body.appendChild(document.createElement("input"));
  expect(press("2", typing).defaultPrevented).toBe(false);
  const mihai = { kind: "contact", id: "m" };
  const picked = () => {
    if (!pick.mock.calls.length) press("2", document.body); // it listens soon after it is shown
    return pick.mock.calls;
  };
  await expect.poll(picked).toEqual([[mihai]]);
  press("9", document.body); // nobody has that number
  await expect.poll(() => asked).toContainEqual({ what: "POST /api/v1/activities/{id}/link", with: mihai });
  clear();
  await show(<CardChoice event={event} chosen={ref} />);
  await says("Mihai Stan");
  press("2", document.body);
  expect(pick).toHaveBeenCalledTimes(1);
});

it("offers to make a record of whom nobody knows, and of a withheld number none", async () => {
  serve();
  await show(<CardChoice event={{ ...event, cards: [] }} chosen={undefined} />);
  await says("Nobody with this number or address is known yet.");
  expect(find("New contact")).toBeDefined();
  clear();
  await show(<CardChoice event={{ ...event, cards: [], address: "" }} chosen={undefined} />);
  await says("Number withheld");
  expect(find("New contact")).toBeUndefined();
});
