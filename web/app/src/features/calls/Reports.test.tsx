import { afterEach, expect, it, vi } from "vitest";
import { clear, click, find, says, serve, show, text } from "~/app/page.testing";
import { Disposition } from "./Disposition";
import { Reports } from "./Reports";
import { csv, mean, share, span } from "./report";

afterEach(() => {
  clear();
  vi.restoreAllMocks();
});

const none = {
  in: 0,
  answered: 0,
  in_time: 0,
  missed: 0,
  left: 0,
  waited: 0,
  abandoned: 0,
  talked: 0,
  out: 0,
  reached: 0,
  out_talked: 0,
};
const sums = {
  ...none,
  in: 8,
  answered: 6,
  in_time: 4,
  missed: 2,
  left: 1,
  waited: 60,
  abandoned: 80,
  talked: 600,
  out: 3,
  reached: 1,
  out_talked: 30,
};
const hours = Array.from({ length: 24 }, (_, h) => ({ key: String(h).padStart(2, "0"), ...(h === 9 ? sums : none) }));
const days = [
  { key: "2026-03-02", ...sums },
  { key: "2026-03-03", ...none },
];
const report = (rows: object[]) => ({ total: sums, days, hours, rows });

it("says what to do while there are no calls", async () => {
  serve({ "GET /api/v1/reports/calls": { total: none, days: [], hours, rows: [] } });
  await show(<Reports />);
  await says("No calls in this time");
  expect((find("Save as CSV") as HTMLButtonElement).disabled).toBe(true);
});

it("shows what calls came to in figures, over time and by day", async () => {
  const asked = serve({ "GET /api/v1/reports/calls": report(days) });
  await show(<Reports />);
  for (const said of ["75%", "In time: 20 s", "50%", "0:10", "1:40", "Not called back"]) await says(said);
  const bars = [...document.querySelectorAll("ol > li")].map((b) => b.getAttribute("aria-label"));
  expect(bars).toHaveLength(2);
  expect(bars[0]).toContain("6 answered, 2 missed");
  const row = [...document.querySelectorAll("tbody tr")].map((r) => [...r.children].map((c) => c.textContent));
  expect(row).toHaveLength(1); // the day without calls is in the chart alone
  expect(row[0]!.slice(1)).toEqual(["8", "6", "2", "1", "50%", "0:10", "0:40", "10:30", "3", "1"]);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(asked).toContainEqual({
    what: "GET /api/v1/reports/calls",
    with: { query: { ...span("days30"), by: "day", within: 20, zone } },
  });
});

it("saves by colleague what is shown, as a file", async () => {
  serve({
    "GET /api/v1/reports/calls": ({ params }: { params: { query: { by: string } } }) =>
      report(
        params.query.by === "user"
          ? [
              { key: "ion", ...sums },
              { key: "gone", ...sums },
            ]
          : days,
      ),
  });
  let saved: Blob | undefined;
  vi.spyOn(URL, "createObjectURL").mockImplementation((b) => {
    saved = b as Blob;
    return "blob:x";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  await show(<Reports />);
  await says("75%");
  const by = find("By") as HTMLInputElement;
  by.click();
  await expect
    .poll(() => [...document.querySelectorAll("[role=option]")].map((o) => o.textContent))
    .toContain("Colleague");
  [...document.querySelectorAll<HTMLElement>("[role=option]")].find((o) => o.textContent === "Colleague")!.click();
  await says("Ion Rusu");
  await says("A former colleague");
  await click("Save as CSV");
  await expect
    .poll(async () => (await saved?.text())?.split("\r\n")[1])
    .toBe('"Ion Rusu","8","6","2","1","50%","0:10","0:40","10:30","3","1"');
});

it("writes no formulas into files", () => {
  expect(csv([["=1+1", "+40722", "-1", "@x", 'a "b"', 5]])).toBe(
    '\uFEFF"\'=1+1","\'+40722","\'-1","\'@x","a ""b""","5"\r\n',
  );
});

it("counts days in the calendar, and nothing of nothing", () => {
  const today = new Date(2026, 2, 2);
  expect(span("today", today)).toEqual({ from: "2026-03-02", until: "2026-03-02" });
  expect(span("week", today)).toEqual({ from: "2026-02-24", until: "2026-03-02" });
  expect(span("month", today)).toEqual({ from: "2026-03-01", until: "2026-03-02" });
  expect([share(0, 0), mean(0, 0)]).toEqual(["", undefined]);
});

it("says what came of a call, by the company's words", async () => {
  const asked = serve({
    "GET /api/v1/telephony/dispositions": { results: ["Sold", "Lost"], next_steps: ["Call again"] },
  });
  await show(<Disposition call="c1" result="" next="Call again" />);
  await click("Result: Call again");
  await expect.poll(() => find("Result")).toBeDefined();
  (find("Result") as HTMLInputElement).click();
  await expect.poll(() => document.querySelectorAll("[role=option]").length).toBeGreaterThan(1);
  [...document.querySelectorAll<HTMLElement>("[role=option]")].find((o) => o.textContent === "Sold")!.click();
  await expect
    .poll(() => asked)
    .toContainEqual({
      what: "PUT /api/v1/calls/{id}/disposition",
      with: { result: "Sold", next_step: "Call again" },
    });
});

it("tells who writes the words while there are none", async () => {
  serve({ "GET /api/v1/telephony/dispositions": { results: [], next_steps: [] } });
  await show(<Disposition call="c1" result="" next="" />);
  await click("Say what came of the call");
  await says("Settings → Telephony");
  expect(text()).not.toContain("Next step");
});
