import { expect, it } from "vitest";
import { click, fill, says, serve, show } from "~/app/page.testing";
import { WaysOut } from "./WaysOut";
import { placed, type WayOut } from "./waysOut";

const way = (name: string): WayOut => ({
  name,
  prefixes: ["+407"],
  countries: ["DE"],
  users: [],
  departments: [],
  trunks: ["t"],
  caller_id: "",
});

it("lists the routes in their order, moves them, and tells which one decides", async () => {
  const asked = serve({
    "GET /api/v1/outbound/routes": { items: [way("Mobiles"), way("Germany")] },
    "PUT /api/v1/outbound/routes": { items: [] },
    "GET /api/v1/trunks": { items: [{ id: "t", name: "Orange" }] },
    "GET /api/v1/schedules": { items: [] },
    "GET /api/v1/outbound/trial": {
      to: "+40722000111",
      route: "Mobiles",
      steps: [{ kind: "dial", trunk: "t", number: "+40722000111", caller_id: "+40311000001", users: [], next: {} }],
    },
  });
  await show(<WaysOut />);
  await says("+407 · Germany → Orange");
  await click("Down");
  expect(asked).toContainEqual({
    what: "PUT /api/v1/outbound/routes",
    with: { routes: [way("Germany"), way("Mobiles")] },
  });
  await fill("Number dialled", "0722 000 111");
  await click("Try");
  await says("the route “Mobiles” decides");
  await says("Dials +40722000111 over Orange, shows +40 311 000 001");
});

it("puts a route in its place", () => {
  const list = [way("a"), way("b")];
  const names = (all: WayOut[]) => all.map((w) => w.name);
  expect(names(placed(list, -1, way("c")))).toEqual(["a", "b", "c"]);
  expect(names(placed(list, 0, way("c")))).toEqual(["c", "b"]);
  expect(names(placed(list, 0, undefined))).toEqual(["b"]);
});
