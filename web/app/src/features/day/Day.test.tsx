import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import { client } from "~/api/queries";
import { cards } from "~/app/card";
import { live } from "~/app/live";
import * as notify from "~/app/notify";
import { at, clear, click, find, says, serve, show, text, users } from "~/app/page.testing";
import Day from "./Day";

vi.mock("~/app/notify", { spy: true });

const now = Date.now();
const time = (hours: number) => new Date(now + hours * 3600_000).toISOString();
const entry = (id: string, more: object) => ({ id, title: "", at: time(-1), entities: [], ...more });
const radu = { kind: "contact", id: "r" };
const nothing = { missed: [], mails: [], tasks: [] };

beforeEach(() => {
  vi.mocked(notify.complain).mockImplementation(() => {});
  vi.mocked(notify.offer).mockImplementation(() => {});
});
afterEach(clear);

it("says what will be here while nothing waits", async () => {
  serve({ "GET /api/v1/my-day": nothing });
  await show(<Day />);
  await says("Nothing waits");
  await says("Find a client");
});

it("gives an administrator what is missing for the first call and mail, and nobody else", async () => {
  const fresh = {
    "GET /api/v1/my-day": nothing,
    "GET /api/v1/trunks": { items: [] },
    "GET /api/v1/rules": { items: [] },
    "GET /api/v1/numbers": { items: [] },
    "GET /api/v1/mail/domains": { items: [] },
  };
  serve(fresh);
  await show(<Day />);
  await says("Connect your phone line or PBX");
  await says("Set up your mail domain");
  expect(text()).not.toContain("Add your colleagues"); // there are some
  clear();
  serve({ ...fresh, "GET /api/v1/me": { user: users[1] } });
  await show(<Day />);
  await says("Call somebody");
  expect(text()).not.toContain("Connect your phone line");
});

it("says that it did not work, and tries again", async () => {
  let down = true;
  serve({ "GET /api/v1/my-day": () => (down ? new Problem(422, "The database is away.") : nothing) });
  await show(<Day />);
  await says("The database is away.");
  down = false;
  await click("Try again");
  await says("Nothing waits");
});

it("calls back who was missed, and opens the card of whom it is about", async () => {
  const place = vi.spyOn(live, "place").mockResolvedValue();
  const opened = vi.spyOn(cards, "show").mockImplementation(() => undefined);
  const missed = [
    entry("1", { client: "Radu Georgescu", address: "+40722123456", line: "+40311000001", entities: [radu] }),
    entry("2", { address: "" }), // number withheld
  ];
  serve({ "GET /api/v1/my-day": { ...nothing, missed } });
  await show(<Day />);
  await says("+40 722 123 456 → +40 311 000 001");
  await click("Call back");
  expect(place).toHaveBeenCalledExactlyOnceWith("+40722123456");
  const backs = [...document.querySelectorAll("button")].filter((b) => b.textContent === "Call back");
  expect(backs.map((b) => b.disabled)).toEqual([false, true]);
  document.querySelector<HTMLElement>("[data-step]")!.click();
  expect(opened).toHaveBeenCalledExactlyOnceWith(radu);
});

it("answers a mail where it is: in its conversation, or on the card where one may not read it", async () => {
  const opened = vi.spyOn(cards, "show").mockImplementation(() => undefined);
  const mails = [entry("1", { title: "An offer?", source: "m1", entities: [radu] })];
  const answers: Record<string, unknown> = {
    "GET /api/v1/my-day": { ...nothing, mails },
    "GET /api/v1/mail/messages/{id}": { id: "m1", mailbox: "b", thread: "t" },
  };
  serve(answers);
  await show(<Day />);
  await says("An offer?");
  await click("Answer");
  await expect.poll(at).toBe("/mail?box=b&thread=t&answer=m1");
  clear();
  const { "GET /api/v1/my-day": day } = answers;
  serve({ "GET /api/v1/my-day": day, "GET /api/v1/mail/messages/{id}": () => undefined });
  await show(<Day />);
  await click("Answer");
  await expect.poll(() => opened.mock.calls).toEqual([[radu]]);
});

it("parts what is due from what is later, and ticks off with a way back", async () => {
  const tasks = [
    entry("late", { title: "Send the offer", due: time(-30), client: "Radu Georgescu" }),
    entry("later", { title: "Ask again", due: time(72) }),
  ];
  const asked = serve({ "GET /api/v1/my-day": { ...nothing, tasks } });
  await show(<Day />);
  await says("Due today 1");
  await says("Later 1");
  await says("Send the offerRadu Georgescu");
  await click("Done: Send the offer");
  const done = (on: boolean) => ({ what: "PATCH /api/v1/tasks/{id}", with: { done: on } });
  await expect.poll(() => asked).toContainEqual(done(true));
  vi.mocked(notify.offer).mock.calls[0]![1]();
  await expect.poll(() => asked).toContainEqual(done(false));
});

const trunks = [
  { id: "a", name: "Orange", kind: "carrier", active: true },
  { id: "b", name: "Vodafone", kind: "carrier", active: true },
];
const settings = {
  "GET /api/v1/my-day": nothing,
  "GET /api/v1/trunks": { items: trunks },
  "GET /api/v1/numbers": { items: [{ e164: "+40311000001", trunk: "b", destination: { kind: "group" } }] },
  "GET /api/v1/rules": { items: [{ id: "r", active: true, when: {}, then: { create: true, assign: "nobody" } }] },
};

it("tells an administrator whose calls ring nobody, with the way to where that is chosen", async () => {
  serve(settings);
  await show(<Day />);
  await says("Calls over Orange ring nobody");
  expect(text()).not.toContain("Vodafone");
  await says("New clients ring nobody yet");
  expect(find("Choose who gets them")?.getAttribute("href")).toBe("/settings/crm");
  await click("Choose who is rung");
  await expect.poll(at).toBe("/settings/telephony");
});

it("tells nobody else of it, and nobody once it is done", async () => {
  let asked = serve({ ...settings, "GET /api/v1/me": { user: users[1] } });
  const asks = () => asked.map((a) => a.what);
  await show(<Day />);
  await says("Ion Rusu");
  await says("Nothing waits");
  expect(asks()).not.toContain("GET /api/v1/rules"); // which he may not read
  clear();
  asked = serve({
    ...settings,
    "GET /api/v1/trunks": { items: [trunks[1]] },
    "GET /api/v1/rules": { items: [{ id: "r", active: true, when: {}, then: { create: true, assign: "admin" } }] },
  });
  await show(<Day />);
  for (const what of ["trunks", "rules", "numbers"]) await expect.poll(asks).toContain(`GET /api/v1/${what}`);
  await expect.poll(() => client.isFetching()).toBe(0);
  await says("Nothing waits");
  expect(text()).not.toContain("ring nobody");
});
