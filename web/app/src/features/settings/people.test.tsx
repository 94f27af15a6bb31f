import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import * as notify from "~/app/notify";
import { type Asked, clear, click, fill, find, finds, says, serve, show, text, users } from "~/app/page.testing";
import { Company } from "./Company";
import { MailSettings } from "./MailSettings";
import { People } from "./People";

vi.mock("~/app/notify", { spy: true });

beforeEach(() => {
  vi.mocked(notify.complain).mockImplementation(() => {});
  vi.mocked(notify.say).mockImplementation(() => {});
});
afterEach(clear);

const wrote = (asked: Asked[]) => asked.filter((a) => !a.what.startsWith("GET"));
const taken = new Problem(422, "x", { login: "this login or mailbox is another user's" });

it("makes a person, says in the dialog why not, and gives the focus back once it is done", async () => {
  let refused = true;
  const asked = serve({ "POST /api/v1/users": () => (refused ? taken : {}) });
  await show(<People />);
  (await finds("Add a person")).focus();
  await click("Add a person");
  await fill("Name", "Ana Pop");
  await fill("Login", "ion");
  await fill("Password", "long enough");
  await click("Save");
  await expect
    .poll(() => document.querySelector("[role=dialog] [role=alert]")?.textContent)
    .toBe("This login or mail address is another colleague's. Choose another one.");
  expect(notify.complain).not.toHaveBeenCalled();
  expect((find("Name") as HTMLInputElement).value).toBe("Ana Pop");
  refused = false;
  await fill("Login", "ana");
  await click("Save");
  await expect.poll(() => find("Save")).toBeUndefined();
  expect(wrote(asked).at(-1)!.with).toMatchObject({ login: "ana", role: "user", access: "own", active: true });
  await expect.poll(() => document.activeElement?.textContent).toBe("Add a person");
});

it("sets a new password only where one was typed", async () => {
  const asked = serve();
  const edit = async (fields: Record<string, string>) => {
    const row = await vi.waitFor(() => {
      const found = [...document.querySelectorAll("li")].find((li) => li.textContent?.includes("Ion Rusu"));
      return [...found!.querySelectorAll("button")].find((b) => b.textContent === "Edit")!;
    });
    row.click();
    for (const [name, value] of Object.entries(fields)) await fill(name, value);
    await click("Save");
    await expect.poll(() => find("Save")).toBeUndefined();
  };
  await show(<People />);
  await edit({ Name: "Ion A. Rusu" });
  expect(wrote(asked)).toEqual([
    { what: "PATCH /api/v1/users/{id}", with: expect.objectContaining({ name: "Ion A. Rusu", login: "ion" }) },
  ]);
  await edit({ "New password": "another one" });
  expect(wrote(asked).at(-1)).toEqual({
    what: "POST /api/v1/users/{id}/password",
    with: { password: "another one" },
  });
});

const gone = { id: "olga", name: "Olga Petrova", active: false, login: "olga", role: "user" };

it("dismisses colleagues and lets them back in, but nobody himself", async () => {
  const asked = serve({
    "GET /api/v1/users": { items: [...users, gone] },
    "GET /api/v1/users/{id}/holdings": { contacts: 12, numbers: ["+40311000001"], mailboxes: [], rules: [] },
  });
  await show(<People />);
  await says("Switched off");
  const rows = [...document.querySelectorAll("li")].map((li) => li.textContent ?? "");
  const can = (name: string) =>
    rows.find((r) => r.includes(name))!.replace(/.*?(?=Administrator|Switched off|Edit)/, "");
  expect([can("Maria Popa"), can("Ion Rusu"), can("Olga Petrova")]).toEqual([
    "AdministratorEditCalls…",
    "EditCalls…Dismiss…",
    "Switched offEditLet back inHand over…",
  ]);
  await click("Let back in");
  await expect.poll(() => wrote(asked).map((a) => a.what)).toEqual(["POST /api/v1/users/{id}/reinstate"]);
  await click("Dismiss…");
  await says("Contacts: 12");
  await says("Numbers: +40311000001");
  expect(text()).toContain("Ion Rusu leaves");
});

const domain = {
  name: "acme.example",
  sts: "none",
  roles: [{ address: "abuse@acme.example", mailboxes: [] }],
  keys: [{ id: "k", selector: "fd202611r", algorithm: "rsa", record: "v=DKIM1", state: "signs" }],
};
const box = { id: "b", address: "sales@acme.example", name: "", users: ["me", "ion"], used: 1_500_000, quota: 0 };
const waits = {
  id: "q",
  from: "a@acme.example",
  to: "b@x.example",
  subject: "Offer",
  answer: "451 later",
  remote: "mx.x.example",
  why: "greylisted",
  attempts: 2,
};
const finding = (purpose: string, state: string, problem = "", published: string[] = [], optional = false) => ({
  ...{ name: "acme.example", type: "TXT", value: `wanted ${purpose}`, purpose, state, problem, published, optional },
  detail: "",
});

const policy = { virus: "refuse", forged: "junk", spam: "junk", days: 30, room: 1000 };
const kept = { "GET /api/v1/mail/quarantine-policy": { ...policy, mails: 0, bytes: 0, scanner: false } };

it("says of mail what is missing, who reads what, and why something waits", async () => {
  let check: unknown = new Problem(403, "Not now.");
  const asked = serve({
    ...kept,
    "GET /api/v1/mail/domains": { items: [domain] },
    "GET /api/v1/mail/domains/{name}/reports": { reports: [], dmarc: [], tls: [] },
    "GET /api/v1/mail/domains/{name}/check": () => check,
    "GET /api/v1/mail/mailboxes": { items: [box] },
    "GET /api/v1/mail/queue": { items: [{ ...waits, next: new Date().toISOString() }] },
    "GET /api/v1/mail/sending-limits": { rules: [{ user: "", minute: 120, day: 2000 }], stopped: ["ion"] },
    "GET /api/v1/mail/aliases": { items: [{ address: "@acme.example", mailboxes: ["b"] }] },
  });
  await show(<MailSettings />);
  await says("Mail to abuse@acme.example is refused: give an admin a mailbox, or a mailbox this address.");
  await says("Maria Popa, Ion Rusu");
  await says("mx.x.example: 451 later");
  await says("The other side lets new senders wait for some minutes");
  await says("Everything else at acme.example");
  await says("120 in a minute · 2000 in 24 hours");
  await says("Came to the limit today or yesterday");
  await click("Send now");
  await click("Hold");
  await expect
    .poll(() => wrote(asked).map((a) => a.what))
    .toEqual(["POST /api/v1/mail/queue/{id}/retry", "POST /api/v1/mail/queue/{id}/hold"]);
  await click("DNS and keys");
  await says("Not now.");
  check = {
    host: "mail.acme.example",
    zone: "acme.example. MX",
    reach: { state: "unknown", problem: "port_own", detail: "220 mail", last: "", peer: "" },
    listings: [{ list: "bl.test", address: "93.184.216.34", state: "wrong", problem: "listed", detail: "seen" }],
    findings: [
      finding("spf", "wrong", "spf_not_us", ["v=spf1 -all"]),
      finding("dkim", "ok"),
      finding("setup", "missing", "", [], true),
    ],
  };
  await click("Try again");
  await says("It does not name this server: others take your mail for forged.");
  await says("Published now: v=spf1 -all");
  await says("bl.test names 93.184.216.34 as a sender of junk");
  await says("From here our own door answers at port 25.");
  await says("fd202611r · RSA 2048 · signs");
  await click("Make new keys");
  await expect.poll(() => wrote(asked).at(-1)?.what).toBe("POST /api/v1/mail/domains/{name}/keys");
});

it("makes a mailbox with a size limit in megabytes, shared once several read it", async () => {
  const asked = serve({
    ...kept,
    "GET /api/v1/mail/mailboxes": { items: [box] },
    "GET /api/v1/mail/sending-limits": { rules: [], stopped: [] },
  });
  await show(<MailSettings />);
  await click("Edit");
  await says("Whoever sees a client reads the client's mail with this mailbox.");
  await fill("Size limit, MB", "250");
  await click("Save");
  await expect
    .poll(() => wrote(asked))
    .toEqual([
      { what: "PATCH /api/v1/mail/mailboxes/{id}", with: { name: "", users: ["me", "ion"], quota: 250_000_000 } },
    ]);
});

it("keeps the company's name, and never a number of days that was taken out", async () => {
  const settings = { company: "Acme", locale: "en", event_days: 7 };
  const asked = serve({ "GET /api/v1/settings": settings });
  await show(<Company />);
  await fill("Name of the company", "Acme SRL");
  await fill("Days that events can be read again", "");
  await click("Save");
  await fill("Days that events can be read again", "30");
  await click("Save");
  await expect.poll(() => vi.mocked(notify.say).mock.calls.length).toBe(1);
  expect(wrote(asked).map((a) => a.with)).toEqual([{ ...settings, company: "Acme SRL", event_days: 30 }]);
});
