import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cards } from "~/app/card";
import { live } from "~/app/live";
import * as notify from "~/app/notify";
import { clear, click, fill, find, finds, says, serve, show, text } from "~/app/page.testing";
import { LiveError, type RoomPerson } from "~/live/protocol";
import type { Stage as Staged } from "~/media/meeting";
import { Stage } from "./Stage";

vi.mock("~/app/notify", { spy: true });

const meeting = {
  id: "r",
  title: "Offer 114",
  about: [{ kind: "contact", id: "c", name: "Radu Georgescu" }],
  people: ["ion"],
};
const staged: Staged = {
  room: "r",
  leg: "n.1",
  muted: false,
  camera: true,
  feeds: [],
  connection: "connected",
  away: false,
};
const person = (p: Partial<RoomPerson>): RoomPerson => ({
  leg: "n.2",
  user: "",
  number: "",
  name: "",
  muted: false,
  camera: false,
  kind: "browser",
  state: "active",
  ...p,
});
const ion = person({ user: "ion", muted: true });
const radu = person({ leg: "n.3", kind: "trunk", number: "+40722123456", name: "Radu Georgescu", call: "v1" });
const rung = person({ leg: "n.4", kind: "trunk", number: "+40733000408", state: "ringing", call: "v2", by: "ion" });
const busy = person({ leg: "n.5", kind: "trunk", number: "+40733000486", state: "failed", cause: "busy", call: "v3" });

/** Shows the meeting's inside, with these others. */
async function stage(people: RoomPerson[], more: Partial<Staged> = {}): Promise<void> {
  live.store.set({ me: "me", rooms: { r: { room: "r", node: "n", title: "Offer 114", people } } });
  await show(<Stage stage={{ ...staged, ...more }} />);
}

beforeEach(() => {
  vi.mocked(notify.complain).mockImplementation(() => {});
  Object.assign(navigator.mediaDevices ?? {}, { enumerateDevices: async () => [] });
  window.innerWidth = 1440;
  serve({ "GET /api/v1/meetings/{id}": { ...meeting, owner: "me" } });
});
afterEach(clear);

it("shows who is in, by phone too, who is called in and who was in vain, each with what can be done", async () => {
  const remove = vi.spyOn(live.meeting, "remove").mockResolvedValue();
  const call = vi.spyOn(live.meeting, "call").mockResolvedValue();
  await stage([ion, radu, rung, busy]);
  await says("Ion Rusu");
  const list = (id: string) => [...document.querySelectorAll(`[data-testid=${id}]`)].map((e) => e.textContent);
  await expect.poll(() => list("inside").length).toBe(3);
  expect(list("inside").join()).toContain("Radu Georgescu+40 722 123 456");
  expect(document.querySelector('[data-testid="inside"] [aria-label="Muted"]')).not.toBeNull();
  await expect.poll(() => list("called").join()).toContain("+40 733 000 408rings… · Ion Rusu");
  expect(list("called").join()).toContain("+40 733 000 486Busy");
  expect(document.querySelectorAll("[data-testid=tile]")).toHaveLength(4); // who was in vain has none
  const pane = document.querySelector("aside")!;
  const inPane = (name: string) =>
    [...pane.querySelectorAll("button")].find((b) => b.getAttribute("aria-label") === name)!;
  inPane("Hang up Radu Georgescu").click();
  inPane("Cancel the call to +40 733 000 408").click();
  inPane("Remove +40 733 000 486 from the list").click();
  inPane("Call +40 733 000 486 again").click();
  expect(remove.mock.calls).toEqual([["v1"], ["v2"], ["v3"]]);
  expect(call.mock.calls).toEqual([["+40733000486"]]);
});

it("keeps the number that could not be called, so that it is set right", async () => {
  vi.spyOn(live.meeting, "call").mockRejectedValue(new LiveError("refused", "refused: not_found"));
  await stage([]);
  await says("You are the only one here.");
  await fill("Number to call in", " 0733 ");
  (await finds("Number to call in")).closest("form")!.requestSubmit();
  await expect.poll(() => vi.mocked(notify.complain).mock.calls.length).toBe(1);
  await expect.poll(() => (find("Number to call in") as HTMLInputElement).value).toBe("0733");
});

it("asks colleagues in, again where they were asked, and lets the owner take that back", async () => {
  const ask = vi.spyOn(live.socket, "ask").mockResolvedValue({} as never);
  live.store.set({ online: { ion: { online: true, busy: false } } });
  await stage([]);
  await says("Ask again");
  await click("Invite Ion Rusu");
  expect(ask).toHaveBeenCalledWith("meet.invite", { room: "r", user: "ion" });
  expect(find("No longer invite Ion Rusu")).toBeDefined();
  expect(find("Invite Maria Popa")).toBeUndefined();
});

it("mutes, leaves and opens the card of whom it is about; says that it reconnects", async () => {
  const mute = vi.spyOn(live.meeting, "mute").mockResolvedValue();
  const film = vi.spyOn(live.meeting, "film").mockResolvedValue();
  const leave = vi.spyOn(live.meeting, "leave").mockResolvedValue();
  const card = vi.spyOn(cards, "show").mockImplementation(() => undefined);
  await stage([ion], { camera: false, connection: "disconnected" });
  await says("Reconnecting…");
  await click("Card: Radu Georgescu");
  await click("Mute");
  await click("Turn the camera on");
  await click("Leave");
  expect([mute.mock.calls, film.mock.calls, leave.mock.calls.length]).toEqual([[[true]], [[true]], 1]);
  expect(card).toHaveBeenCalledExactlyOnceWith({ kind: "contact", id: "c" });
  expect(text()).toContain("Invite");
  await click("People");
  await expect.poll(() => document.querySelector("aside")).toBeNull();
});
