import { expect, it } from "vitest";
import { click, fill, says, serve, show, text } from "~/app/page.testing";
import { ratesOf, unlimited } from "./limits";
import { Tolls } from "./Tolls";

const each = { ...unlimited, together: 5 };
const rules = { each, users: [], trunks: [], rates: [], alarm: { abroad: 20, refused: 10 } };

it("changes the limits, tells whose calls are stopped, and allows them again", async () => {
  let stopped = true;
  const asked = serve({
    "GET /api/v1/outbound/limits": rules,
    "PUT /api/v1/outbound/limits": rules,
    "GET /api/v1/outbound/stops": () => ({
      items: stopped ? [{ payer: "t", since: "2026-05-05T10:00:00Z", why: "abroad" }] : [],
    }),
    "DELETE /api/v1/outbound/stops/{id}": () => {
      stopped = false;
      return {};
    },
    "GET /api/v1/trunks": { items: [{ id: "t", name: "Office PBX" }] },
    "GET /api/v1/users": { items: [] },
  });
  await show(<Tolls />);
  await says("Calls out of Office PBX are stopped");
  expect(text()).toContain("unusually many calls to other countries");
  await click("Allow calls again");
  await expect.poll(text).not.toContain("are stopped");
  await fill("Minutes a day", "90");
  await fill("What a minute costs", "+40 0.05\n+44 79, 1,5");
  await click("Save");
  const rates = [
    { prefix: "+40", price: 0.05 },
    { prefix: "+4479", price: 1.5 },
  ];
  expect(asked).toContainEqual({
    what: "PUT /api/v1/outbound/limits",
    with: { ...rules, each: { ...each, minutes: 90 }, rates },
  });
});

it("reads rates, and says which are none", () => {
  expect(ratesOf("")).toEqual([]);
  expect(ratesOf("+1 2\n\n")).toEqual([{ prefix: "+1", price: 2 }]);
  expect(ratesOf("0044 2")).toBeUndefined();
  expect(ratesOf("+44")).toBeUndefined();
});
