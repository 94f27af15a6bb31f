import { expect, it } from "vitest";
import { click, fill, says, serve, show } from "~/app/page.testing";
import { Webhooks } from "./Webhooks";

const never = "0001-01-01T00:00:00Z";
const shop = {
  id: "w",
  name: "Shop",
  url: "https://shop.example/in",
  types: ["lead.created"],
  active: true,
  stopped: "",
  failing_since: never,
  waiting: 0,
  created: "2026-11-29T10:00:00Z",
};
const types = { "GET /api/v1/webhooks/types": { items: ["lead.created", "deal.moved"] } };

it("adds a webhook and shows its secret, once", async () => {
  const asked = serve({ ...types, "POST /api/v1/webhooks": { ...shop, secret: "whsec_abc" } });
  await show(<Webhooks />);
  await says("No program is told anything.");
  await click("Add a webhook");
  await fill("Name", "Shop");
  await fill("Address", shop.url);
  await click("Save"); // nothing is chosen: it is not sent
  await says("Choose at least one.");
  await click("New lead");
  await click("Save");
  const sent = { name: "Shop", url: shop.url, types: ["lead.created"] };
  await expect
    .poll(() => asked.filter((a) => a.what.startsWith("POST")))
    .toEqual([{ what: "POST /api/v1/webhooks", with: sent }]);
  await says("whsec_abc");
});

it("says how webhooks do, and switches one on again", async () => {
  const asked = serve({
    "GET /api/v1/webhooks": {
      items: [
        shop,
        { ...shop, id: "f", name: "Failing", types: [], failing_since: "2026-11-29T10:00:00Z", waiting: 3 },
        { ...shop, id: "s", name: "Silent", active: false, stopped: "silent" },
      ],
    },
  });
  await show(<Webhooks />);
  await says("Works");
  await says("Nothing arrives since");
  await says("3 wait");
  await says("All events");
  await says("Switched off: nothing arrived for two days");
  const switches = [...document.querySelectorAll<HTMLInputElement>("input[role=switch]")];
  switches[2]?.click();
  await expect.poll(() => asked).toContainEqual({ what: "PATCH /api/v1/webhooks/{id}", with: { active: true } });
});

it("shows what came of deliveries, and sends again", async () => {
  const d = { webhook: "w", type: "lead.created", attempts: 2, took: 12, created: shop.created, tried: shop.created };
  const asked = serve({
    "GET /api/v1/webhooks": { items: [shop] },
    "GET /api/v1/webhooks/{id}/deliveries": {
      items: [
        {
          ...d,
          id: "1",
          event: 7,
          state: "waiting",
          status: 503,
          trouble: "status",
          answer: "later",
          next: shop.created,
        },
        {
          ...d,
          id: "2",
          event: 0,
          type: "webhook.test",
          state: "delivered",
          status: 204,
          trouble: "",
          answer: "",
          next: never,
        },
      ],
      next: "",
    },
    "GET /api/v1/webhooks/{id}/deliveries/{delivery}": { body: { type: "lead.created", data: { lead: "l" } } },
  });
  await show(<Webhooks />);
  await click("Deliveries");
  await says("The program refused it: its answer is under Details");
  await says("Arrived");
  await click("Details");
  await says("503 later");
  await says('"lead": "l"');
  await click("Send again");
  await click("Send a test");
  const did = () => asked.map((a) => a.what).filter((what) => what.startsWith("POST"));
  await expect
    .poll(did)
    .toEqual(["POST /api/v1/webhooks/{id}/deliveries/{delivery}/resend", "POST /api/v1/webhooks/{id}/test"]);
});
