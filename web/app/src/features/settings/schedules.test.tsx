import { beforeEach, expect, it, vi } from "vitest";
import { click, fill, find, finds, says, serve, show, text } from "~/app/page.testing";
import { Numbers } from "./Numbers";
import { RouteTrial } from "./RouteTrial";
import { Schedules } from "./Schedules";

// Four hundred zones are slow to draw without a browser.
beforeEach(() => void vi.spyOn(Intl, "supportedValuesOf").mockReturnValue(["Europe/Bucharest"]));

const weekdays = ["mon", "tue", "wed", "thu", "fri"];
const office = {
  id: "s",
  name: "Office hours",
  zone: "Europe/Bucharest",
  hours: [{ days: weekdays, from: "09:00", to: "18:00" }],
  holidays: [{ name: "Christmas", date: "12-25", hours: [] }],
};
const number = {
  e164: "+40311000001",
  trunk: "t",
  label: "",
  destination: { kind: "user", user: "ion", responsible: true, seconds: 25 },
};
const hours = { "GET /api/v1/schedules": { items: [office] } };

it("says what working hours are for, and proposes those of an office", async () => {
  const asked = serve();
  await show(<Schedules />);
  await says("Calls ring at any time. Add the hours in which you work, then choose them at a number");
  await click("Add working hours");
  await click("Add a holiday");
  await fill("Name of the day", "Christmas");
  await fill("Date", "2026-12-25");
  await click("Every year");
  await fill("To", "00:00");
  await click("Save");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const sent = { ...office, id: undefined, zone, hours: [{ ...office.hours[0], to: "24:00" }] };
  await expect.poll(() => asked).toContainEqual({ what: "POST /api/v1/schedules", with: sent });
});

it("changes working hours: days, a second span, a holiday with hours of its own", async () => {
  const asked = serve(hours);
  await show(<Schedules />);
  await says("Mon–Fri 09:00–18:00 · Europe/Bucharest · 1 holiday");
  await click("Edit");
  await click("Fri");
  await click("Add hours");
  await click("Closed all day");
  await click("Save");
  const sent = {
    name: office.name,
    zone: office.zone,
    hours: [
      { days: weekdays.slice(0, 4), from: "09:00", to: "18:00" },
      { days: ["sat"], from: "10:00", to: "14:00" },
    ],
    holidays: [{ name: "Christmas", date: "12-25", hours: [{ from: "10:00", to: "14:00" }] }],
  };
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/schedules/{id}", with: sent });
});

it("names who has working hours, and offers to delete only those that nobody has", async () => {
  const free = { ...office, id: "free", name: "Summer" };
  const closed = { kind: "refuse", responsible: false, seconds: 25 };
  serve({
    "GET /api/v1/schedules": { items: [office, free] },
    "GET /api/v1/numbers": { items: [{ ...number, schedule: "s", closed }] },
    "GET /api/v1/extensions": { items: [{ number: "102", kind: "user", user: "ion", schedule: "s", closed }] },
  });
  await show(<Schedules />);
  await says("For +40 311 000 001, 102");
  await says("No number has them yet");
  expect([...document.querySelectorAll("button")].filter((b) => b.textContent === "Delete")).toHaveLength(1);
});

it("shows where a number leads when it is closed, and takes the hours away again", async () => {
  const closed = { kind: "user", user: "me", responsible: false, seconds: 25 };
  const asked = serve({ ...hours, "GET /api/v1/numbers": { items: [{ ...number, schedule: "s", closed }] } });
  await show(<Numbers />);
  await says("Outside of “Office hours”: Maria Popa");
  await click("Edit");
  await says("When closed");
  await click("Save");
  const body = { label: "", trunk: "t", destination: number.destination };
  await expect
    .poll(() => asked)
    .toContainEqual({ what: "PUT /api/v1/numbers/{e164}", with: { ...body, schedule: "s", closed } });
  await click("Edit");
  await click("Hours");
  const options = () => [...document.querySelectorAll<HTMLElement>("[role=option]")];
  await expect.poll(() => options().map((o) => o.textContent)).toContain("At any time");
  options()
    .find((o) => o.textContent === "At any time")
    ?.click();
  await expect.poll(text).not.toContain("When closed");
  await click("Save");
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/numbers/{e164}", with: body });
});

it("points to where working hours are made", async () => {
  serve();
  await show(<Numbers />);
  await click("Add a number");
  await says("Add working hours first");
  expect(((await finds("Hours")) as HTMLInputElement).disabled).toBe(true);
  expect(find("When closed")).toBeUndefined();
});

it.each([
  ["closed", undefined, "1. Closed: outside working hours (Mon–Fri 09:00–18:00, Europe/Bucharest)"],
  ["holiday", "Christmas", "1. Closed: holiday, Christmas"],
  ["open", undefined, "1. Open: within working hours (Mon–Fri 09:00–18:00, Europe/Bucharest)"],
])("tells in a trial what the hours say: %s", async (outcome, holiday, said) => {
  const step = { users: [], rests: [], away: [], busy: [], next: {} };
  const open = outcome === "open";
  serve({
    ...hours,
    "GET /api/v1/numbers": { items: [number] },
    "GET /api/v1/telephony/route": {
      caller: { known: false },
      steps: [
        { ...step, kind: "hours", schedule: "s", holiday, next: { open: 1, closed: 2, holiday: 2 } },
        { ...step, kind: "ring", users: ["me"], seconds: 25 },
        { ...step, kind: "refuse", cause: "unavailable" },
      ],
      way: [
        { step: 0, outcome },
        { step: open ? 1 : 2, outcome: "no_answer" },
      ],
    },
  });
  await show(<RouteTrial />);
  await click("Try");
  await says(said);
  await says("if open → 2");
  await says("if closed, on a holiday → 3");
  expect(text().includes("missed call")).toBe(open);
});
