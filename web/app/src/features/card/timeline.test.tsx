import { expect, it } from "vitest";
import { type Activity, Problem } from "~/api";
import { click, finds, says, serve, show, text } from "~/app/page.testing";
import { Timeline } from "./Timeline";

const ref = { kind: "contact", id: "r" } as const;
const path = "GET /api/v1/contacts/{id}/timeline";
const entry = (id: string, kind: string, more: Partial<Activity>) =>
  ({ id, kind, title: "", body: "", at: "2026-03-02T09:00:00Z", entities: [ref], ...more }) as Activity;
const entries = () => [...document.querySelectorAll<HTMLElement>("[data-kind]")].map((e) => e.textContent ?? "");

const missed = entry("1", "call", { incoming: true, outcome: "missed", line: "+40311000001", user: "ion" });
const spoke = entry("2", "call", { incoming: false, outcome: "answered", seconds: 134, user: "me" });
const met = entry("3", "meeting", { title: "Showroom", outcome: "answered", seconds: 61, body: "Maria Popa" });
const meets = entry("4", "meeting", { title: "Cold store" });
const theirs = entry("5", "mail", { private: true, title: "Secret", body: "Not for you", line: "ion@acme.example" });
const note = entry("6", "note", { title: "", body: "Wants a discount", user: "ion", at: "2026-02-27T09:00:00Z" });

it("says of each entry what came of it, by day", async () => {
  serve({ [path]: { items: [missed, spoke, met, meets, theirs, note] } });
  await show(<Timeline of={ref} known={[]} />);
  await says("Missed · Ion Rusu"); // names come by themselves
  const [call, talk, meeting, now, closed] = entries();
  expect(call).toContain("Missed · Ion Rusu · +40 311 000 001");
  expect(talk).toContain("2:14 · Maria Popa");
  expect(meeting).toMatch(/Showroom · 1 minutes?.*Maria Popa/);
  expect(now).toContain("Cold store · Now");
  expect(closed).toContain("Mail with a colleague · ion@acme.example");
  expect(document.querySelector('[data-kind="call"]')?.getAttribute("data-bad")).toBe("true");
  const days = text().match(/(Mon, Mar 2|Fri, Feb 27)/g);
  expect(days).toEqual(["Mon, Mar 2", "Fri, Feb 27"]);
});

it("shows one kind alone, and says what comes where there is none", async () => {
  serve({ [path]: { items: [missed, note] } });
  await show(<Timeline of={ref} known={[]} />);
  await says("Wants a discount");
  await click("Calls");
  await expect.poll(entries).toHaveLength(1);
  expect(text()).not.toContain("Wants a discount");
  await click("Meetings");
  await says("Nothing yet. Calls, mails and notes appear here by themselves.");
});

it("shows at once what the card brought, and what is earlier when asked to", async () => {
  let answer: (page: object) => void = () => {};
  const first = new Promise((done) => {
    answer = done;
  });
  const asked = serve({
    [path]: ({ params }: { params: { query: { after?: string } } }) =>
      params.query.after === "2" ? { items: [note], next: "" } : first,
  });
  await show(<Timeline of={ref} known={[spoke]} />);
  await says("2:14");
  answer({ items: [missed, spoke], next: "2" });
  await click("Earlier");
  await says("Wants a discount");
  expect(entries()).toHaveLength(3);
  expect(asked.filter((a) => a.what === path)).toHaveLength(2);
});

it("says why it could not be read, below what is known", async () => {
  let away = true;
  serve({ [path]: () => (away ? new Problem(403, "Not now.") : { items: [spoke, note] }) });
  await show(<Timeline of={ref} known={[spoke]} />);
  await says("Not now.");
  expect(text()).toContain("2:14");
  away = false;
  (await finds("Try again")).click();
  await says("Wants a discount");
});
