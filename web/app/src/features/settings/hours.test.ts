import { expect, it } from "vitest";
import { daysText, hoursText, keptEnd, office, shownDate, shownEnd, zones } from "./hours";

it("puts days that follow each other together", () => {
  expect(daysText(office.days, "en")).toBe("Mon–Fri");
  expect(daysText(["sun", "mon", "tue", "sat"], "en")).toBe("Mon, Tue, Sat, Sun");
  expect(daysText(["mon", "tue", "wed", "fri", "sat", "sun"], "ru")).toBe("пн–ср, пт–вс");
  const saturday = { days: ["sat"], from: "10:00", to: "24:00" };
  expect(hoursText({ hours: [office, saturday] }, "en")).toBe("Mon–Fri 09:00–18:00, Sat 10:00–24:00");
});

it("writes the end of a day as fields and server do", () => {
  expect([shownEnd("24:00"), shownEnd("18:00"), keptEnd("00:00"), keptEnd("02:00")]).toEqual([
    "00:00",
    "18:00",
    "24:00",
    "02:00",
  ]);
});

it("shows a day of every year in one that has it", () => {
  expect(shownDate("12-25", 2026)).toBe("2026-12-25");
  expect(shownDate("02-29", 2026)).toBe("2028-02-29");
  expect(shownDate("2027-01-24", 2026)).toBe("2027-01-24");
  expect(shownDate("", 2026)).toBe("");
});

it("offers the zone that is chosen, whether this browser knows it or not", () => {
  expect(zones("Europe/Kyiv")[0]).toBe("Europe/Kyiv");
  expect(zones("Europe/Bucharest").filter((z) => z === "Europe/Bucharest")).toHaveLength(1);
});
