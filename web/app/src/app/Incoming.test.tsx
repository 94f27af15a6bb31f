import { beforeEach, expect, it, vi } from "vitest";
import { Incoming } from "./Incoming";
import { live } from "./live";
import { call, clear, click, find, finds, running, says, serve, show, text } from "./page.testing";

const rings = call({ state: "ringing" }, { state: "ringing" });

beforeEach(() => void serve());

it("names the client and the number he dialled, and answers or declines", async () => {
  serve({
    "GET /api/v1/calls/{id}/card": {
      match: "exact",
      address: "+40722123456",
      cards: [{ ref: { kind: "contact", id: "r" }, name: "Radu Georgescu", points: [], readable: true }],
    },
    "GET /api/v1/contacts/{id}/card": { ref: { kind: "contact", id: "r" }, name: "Radu Georgescu", points: [] },
  });
  const answer = vi.spyOn(live, "answer").mockResolvedValue();
  const decline = vi.spyOn(live, "decline").mockResolvedValue(undefined);
  running([rings], false);
  await show(<Incoming />);
  await says("Radu Georgescu");
  expect(text()).toContain("+40 722 123 456");
  expect(text()).toContain("Called +40 311 000 001");
  await click("AnswerAlt A");
  await click("DeclineAlt D");
  expect([answer.mock.calls, decline.mock.calls]).toEqual([[["mine"]], [["mine"]]]);
});

it("says the number of a lead once, that nobody gave a name yet", async () => {
  const lead = { ref: { kind: "lead", id: "l" }, name: "+40722123456", points: [], readable: true, subtitle: "" };
  serve({
    "GET /api/v1/calls/{id}/card": { match: "exact", cards: [lead] },
    "GET /api/v1/leads/{id}/card": lead,
  });
  running([rings], false);
  await show(<Incoming />);
  await says("+40 722 123 456");
  expect(text().match(/722/g)).toHaveLength(1);
});

it("says whose client it is that one may not see", async () => {
  const card = {
    ref: { kind: "contact", id: "r" },
    name: "Radu Georgescu",
    points: [],
    responsible: "ion",
    subtitle: "",
  };
  serve({ "GET /api/v1/calls/{id}/card": { match: "exact", cards: [{ ...card, readable: false }] } });
  running([rings], false);
  await show(<Incoming />);
  await says("Client of Ion Rusu");
});

it("says that the number is withheld, and that nobody is known by one", async () => {
  running([call({ state: "ringing", from: "" }, { state: "ringing" })], false);
  await show(<Incoming />);
  await says("Number withheld");
  await says("Not known yet");
});

it("gives Answer the focus, unless somebody types", async () => {
  running([rings], false);
  await show(<Incoming />);
  const answer = await finds("AnswerAlt A");
  await expect.poll(() => document.activeElement === answer).toBe(true);
  clear();
  const typing = document.body.appendChild(document.createElement("input"));
  typing.focus();
  running([rings], false);
  await show(<Incoming />);
  await finds("AnswerAlt A");
  expect(document.activeElement).toBe(typing);
});

it("says which colleague sent the caller, and why a transfer comes back", async () => {
  running([call({ state: "ringing" }, { state: "ringing", by: "ion" })], false);
  await show(<Incoming />);
  await says("Sent by Ion Rusu");
  const transfer = { leg: "x", peer: "theirs", to: "102", user: "ion", state: "back", cause: "no_answer" } as const;
  running([call({ state: "ringing", transfer }, { state: "ringing" })], false);
  await says("Comes back from Ion Rusu: No answer");
});

it("shows an invitation, and who knocks at the meeting that one is in", async () => {
  const admit = vi.spyOn(live.meeting, "admit").mockResolvedValue();
  const declined = vi.spyOn(live, "declineInvite").mockResolvedValue();
  const invite = { room: "r", title: "Monday round", from: "ion" };
  const room = { room: "s", node: "n", title: "", people: [], knocking: ["ion"] };
  live.store.set({ invites: [invite], rooms: { s: room }, stage: { room: "s", leg: "l" } as never });
  await show(<Incoming />);
  await says("asks you into Monday round");
  await says("asks to be let into the meeting");
  await click("DeclineAlt D");
  await click("Let in");
  await click("Turn away");
  expect(declined).toHaveBeenCalledExactlyOnceWith(invite);
  expect(admit.mock.calls).toEqual([
    ["ion", true],
    ["ion", false],
  ]);
});

it("is not there while nothing comes in", async () => {
  running([call()]);
  await show(<Incoming />);
  expect(find("AnswerAlt A")).toBeUndefined();
});

it("says of a callback who otherwise is not to be called", async () => {
  const callback = { queue: "Support", number: "+40722123456", name: "", since: new Date().toISOString() };
  running([call({ state: "ringing", callback }, { state: "ringing" })], false);
  await show(<Incoming />);
  await says("Callback from the queue Support");
  expect(text()).not.toContain("Asked not to be called");
  clear();
  running([call({ state: "ringing", callback: { ...callback, unwanted: true } }, { state: "ringing" })], false);
  await show(<Incoming />);
  await says("Asked not to be called, but asked for this call");
});
