import { expect, it } from "vitest";
import { Problem } from "~/api";
import { click, find, finds, says, serve, show, users } from "~/app/page.testing";
import Mail from "./Mail";

const own = { id: "b", address: "maria@acme.example", name: "", users: ["me"], used: 0, quota: 0 };
const inbox = { id: "f", name: "INBOX", use: "", total: 1, unseen: 1 };
const me = { "GET /api/v1/me": { user: users[0], mailboxes: [own] } };
const folders = "GET /api/v1/mail/mailboxes/{id}/folders";

it("says why the folders can't be read, in their place and where the list would be, and reads them when asked again", async () => {
  let away = true;
  serve({ ...me, [folders]: () => (away ? new Problem(403, "This mailbox is another's.") : { items: [inbox] }) });
  await show(<Mail />, "/mail");
  await says("That did not work");
  expect(document.querySelector("nav [role=alert]")?.textContent).toContain("This mailbox is another's.");
  away = false;
  await click("Try again");
  await finds("Inbox1");
  await says("No mail yet");
  expect(find("Try again")).toBeUndefined();
});

it("waits as long as the server says when it asked too often, and then shows what it asked for", async () => {
  let asked = 0;
  serve({ ...me, [folders]: () => (asked++ ? { items: [inbox] } : new Problem(429, "Too much at once.", {}, 10)) });
  await show(<Mail />, "/mail");
  await finds("Inbox1");
  expect(asked).toBe(2);
});

it("says so at once where that is long", async () => {
  serve({ ...me, [folders]: new Problem(429, "Too much at once.", {}, 60_000) });
  await show(<Mail />, "/mail");
  await says("Too much at once.");
});
