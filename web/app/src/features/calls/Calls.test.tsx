import { beforeEach, expect, it, vi } from "vitest";
import { cards } from "~/app/card";
import { live } from "~/app/live";
import { at, click, fill, find, says, serve, show, text } from "~/app/page.testing";
import Calls from "./Calls";

const none = "0001-01-01T00:00:00Z";
const call = (id: string, more: object) => ({
  id,
  direction: "in",
  from: "+40722123456",
  to: "+40311000001",
  line: "+40311000001",
  users: [],
  rang: [],
  outcome: "answered",
  cause: "normal",
  started: "2026-01-01T09:00:00Z",
  answered: "2026-01-01T09:00:05Z",
  ended: "2026-01-01T09:02:19Z",
  ...more,
});

beforeEach(() => {
  // Nothing has a size here, and a table shows what it has room for.
  for (const size of ["clientHeight", "clientWidth"] as const)
    vi.spyOn(HTMLElement.prototype, size, "get").mockReturnValue(600);
});

it("says what comes here while there are none", async () => {
  serve();
  await show(<Calls />, "/calls");
  await says("No calls here yet");
});

it("names whom one spoke with: clients, colleagues, meetings and nobody", async () => {
  const items = [
    call("1", { from_name: "Radu Georgescu" }),
    call("2", { direction: "out", to: "+40733000111", to_name: "Ioana Marin", outcome: "busy", answered: none }),
    call("3", { direction: "internal", to: "102" }),
    call("4", { from: "", outcome: "missed", answered: none }),
    call("5", { direction: "meeting", to: "", outcome: "", ended: none }),
  ];
  serve({ "GET /api/v1/calls": { items } });
  await show(<Calls />, "/calls");
  await says("Radu Georgescu");
  const rows = () => [...document.querySelectorAll("[role=row]")].slice(1).map((r) => r.textContent ?? "");
  await expect.poll(rows).toHaveLength(5);
  for (const [i, said] of [
    ["2:14"],
    ["Ioana Marin", "Busy"],
    ["Ion Rusu"],
    ["Number withheld", "Missed"],
    ["Meeting", "Now"],
  ].entries())
    for (const what of said) await expect.poll(() => rows()[i]).toContain(what);
  expect(rows()[4]).not.toContain("0:00"); // it goes on
});

it("calls back without opening the client, and opens him by his row", async () => {
  serve({ "GET /api/v1/calls": { items: [call("1", { from_name: "Radu Georgescu" })] } });
  const place = vi.spyOn(live, "place").mockResolvedValue();
  const arrive = vi.spyOn(cards, "arrive").mockImplementation(() => undefined);
  await show(<Calls />, "/calls");
  await click("Call +40 722 123 456");
  expect(place).toHaveBeenCalledExactlyOnceWith("+40722123456");
  expect(arrive).not.toHaveBeenCalled();
  document.querySelectorAll<HTMLElement>("[role=row]")[1]!.click();
  await expect.poll(() => arrive.mock.calls[0]?.[0]).toMatchObject({ name: "Radu Georgescu", match: "none" });
});

it("asks for the missed alone, and by number, and keeps both in its address", async () => {
  const asked = serve();
  await show(<Calls />, "/calls?show=missed");
  await fill("Number", "0722");
  await expect.poll(at).toBe("/calls?show=missed&q=0722");
  const query = { missed: true, mine: undefined, number: "0722", after: undefined, limit: 100 };
  await expect.poll(() => asked).toContainEqual({ what: "GET /api/v1/calls", with: { query } });
  expect(find("Number")).toBeDefined();
  expect(text()).toContain("Missed");
});
