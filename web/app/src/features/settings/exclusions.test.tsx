import { expect, it } from "vitest";
import { click, fill, says, serve, show } from "~/app/page.testing";
import { Exclusions, OwnExclusions } from "./Exclusions";

it("leaves a sender out for the company, and takes him in again", async () => {
  let list: object[] = [];
  const made = { id: "e", mailbox: "", pattern: "@shop.test", user: "me", at: "2026-05-05T10:00:00Z" };
  const asked = serve({
    "GET /api/v1/mail/exclusions": () => ({ items: list }),
    "POST /api/v1/mail/exclusions": () => {
      list = [made];
      return made;
    },
    "DELETE /api/v1/mail/exclusions/{id}": () => {
      list = [];
      return {};
    },
  });
  await show(<Exclusions />);
  await says("All mail is filed.");
  await fill("Address or domain", "shop.test");
  await click("Add");
  await says("@shop.test");
  expect(asked).toContainEqual({
    what: "POST /api/v1/mail/exclusions",
    with: { pattern: "shop.test", mailbox: "" },
  });
  await click("File mail of @shop.test again");
  await says("All mail is filed.");
});

it("shows in one's own mailboxes what is left out, and takes it in again", async () => {
  let list: object[] = [{ id: "e", mailbox: "m", pattern: "@shop.test", user: "me", at: "2026-05-05T10:00:00Z" }];
  const asked = serve({
    "GET /api/v1/mail/mailboxes": { items: [{ id: "m", address: "anna@acme.test", users: ["me"] }] },
    "GET /api/v1/mail/exclusions": () => ({ items: list }),
    "DELETE /api/v1/mail/exclusions/{id}": () => {
      list = [];
      return {};
    },
  });
  await show(<OwnExclusions />);
  await says("@shop.test");
  await click("File mail of @shop.test again");
  await says("All mail is filed.");
  expect(asked.map((a) => a.what)).toContain("DELETE /api/v1/mail/exclusions/{id}");
});
