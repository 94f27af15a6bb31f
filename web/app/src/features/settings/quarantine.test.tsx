import { expect, it } from "vitest";
import { click, find, says, serve, show, text } from "~/app/page.testing";
import { Quarantine } from "./Quarantine";

const policy = { virus: "quarantine", forged: "junk", spam: "junk", days: 30, room: 1000 };
const mail = {
  at: "2026-05-05T10:00:00Z",
  from: { name: "Eve", address: "eve@evil.test" },
  sender: "eve@evil.test",
  server: "192.0.2.1",
  to: ["ana@acme.test"],
  size: 2000,
  verified: false,
};

it("releases junk at once, a virus only after a warning", async () => {
  const asked = serve({
    "GET /api/v1/mail/quarantine-policy": { ...policy, mails: 2, bytes: 4000, scanner: true },
    "GET /api/v1/mail/quarantine": {
      items: [
        { ...mail, id: "v", cause: "virus", reason: "the virus scanner found Worm", subject: "Invoice" },
        { ...mail, id: "s", cause: "spam", reason: "it reads like junk", subject: "Pills" },
      ],
      next: "",
    },
    "POST /api/v1/mail/quarantine/{id}/release": {},
  });
  const released = () => asked.filter((a) => a.what.startsWith("POST"));
  await show(<Quarantine />);
  await says("the virus scanner found Worm");
  expect(text()).toContain("Eve <eve@evil.test> → ana@acme.test");
  await click("Release");
  await says("This mail has a virus");
  expect(released()).toHaveLength(0);
  await click("Release it all the same");
  await expect.poll(() => released()).toHaveLength(1);
  expect(find("Find by sender, recipient or subject")).toBeDefined();
});
