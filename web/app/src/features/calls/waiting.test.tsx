import { expect, it, vi } from "vitest";
import { live } from "~/app/live";
import { click, says, serve, show } from "~/app/page.testing";
import { Waiting } from "./Waiting";

it("shows the calls that one may take, and takes one", async () => {
  const call = { call: "c", from: "+40722123456", from_name: "", to: "+40311000001" };
  const rings = { call: "d", from: "", from_name: "Radu Georgescu", rung: ["ion"] };
  serve({ "GET /api/v1/calls/waiting": { parked: [{ ...call, slot: 3 }], ringing: [rings] } });
  const fetched = vi.spyOn(live, "fetch").mockResolvedValue(undefined);
  await show(<Waiting />);
  await says("Parked: 3");
  await says("Rings at Ion Rusu");
  await click("Take the call of Radu Georgescu");
  expect(fetched).toHaveBeenCalledWith("d");
});
