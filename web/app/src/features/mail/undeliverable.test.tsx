import { expect, it } from "vitest";
import { click, says, serve, show, text } from "~/app/page.testing";
import Undeliverable from "./Undeliverable";

it("says which addresses do not exist, and has one tried again", async () => {
  let dead = true;
  const asked = serve({
    "GET /api/v1/mail/undeliverable": () => ({
      items: dead ? [{ address: "ana@firm.test", status: "5.1.1", answer: "no", at: "2026-05-05T10:00:00Z" }] : [],
    }),
    "DELETE /api/v1/mail/dead/{address}": () => {
      dead = false;
      return {};
    },
  });
  await show(<Undeliverable among={["ion@firm.test", "ana@firm.test", "half an address"]} />);
  await says("Mail to ana@firm.test comes back");
  expect(asked.find((a) => a.what.endsWith("undeliverable"))?.with).toEqual({
    query: { address: ["ana@firm.test", "ion@firm.test"] },
  });
  await click("Try again");
  await expect.poll(text).not.toContain("comes back");
});
