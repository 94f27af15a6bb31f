import { beforeEach, expect, it, vi } from "vitest";
import { click, fill, finds, says, serve, show } from "~/app/page.testing";
import HandlingDialog from "./HandlingDialog";

// Four hundred zones are slow to draw without a browser.
beforeEach(() => void vi.spyOn(Intl, "supportedValuesOf").mockReturnValue(["Europe/Bucharest"]));

const mobile = { kind: "number", number: "+40722000111", confirm: true };
const monday = { days: ["mon"], from: "09:00", to: "17:00" };

it("shows how one is called, and saves what was changed", async () => {
  const asked = serve({ "GET /api/v1/me/call-handling": { dnd: false, no_answer: mobile, seconds: 15 } });
  await show(<HandlingDialog onClose={() => {}} />);
  await says("Calls to you");
  expect(((await finds("When not answered: number")) as HTMLInputElement).value).toBe("+40722000111");
  await fill("When not answered: number", "0722 000 222");
  await click("Who answers there presses 1 to take the call");
  document.querySelector<HTMLElement>("[role=switch]")!.click(); // do not disturb
  await click("Save");
  const body = { dnd: true, no_answer: { ...mobile, number: "0722 000 222", confirm: false }, seconds: 15 };
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/me/call-handling", with: body });
});

it("rings a colleague only in his hours, which an admin sets", async () => {
  const hours = { zone: "Europe/Bucharest", hours: [monday], closed: { kind: "user", user: "me" } };
  const asked = serve({ "GET /api/v1/users/{id}/call-handling": { dnd: false, hours } });
  await show(<HandlingDialog user={{ id: "ion", name: "Ion Rusu" }} onClose={() => {}} />);
  await says("Calls to Ion Rusu");
  await expect
    .poll(async () => ((await finds("Outside of them: colleague")) as HTMLInputElement).value)
    .toBe("Maria Popa");
  await fill("To", "18:00");
  await click("Save");
  const saved = { dnd: false, hours: { ...hours, hours: [{ ...monday, to: "18:00" }] } };
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/users/{id}/call-handling", with: saved });
});
