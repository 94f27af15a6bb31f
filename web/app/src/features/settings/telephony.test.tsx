import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import * as notify from "~/app/notify";
import { clear, click, fill, find, finds, says, serve, show, text } from "~/app/page.testing";
import { Devices } from "./Devices";
import { Numbers } from "./Numbers";
import { RouteTrial } from "./RouteTrial";
import { Rules } from "./Rules";
import { Trunks } from "./Trunks";

vi.mock("~/app/notify", { spy: true });

beforeEach(() => void vi.mocked(notify.complain).mockImplementation(() => {}));
afterEach(clear);

const device = { id: "d", username: "phone-1", label: "Reception", user: "ion", bindings: [] };
const listeners = [{ name: "sip_udp", address: "10.0.0.5:5060" }];

it("gives a phone a new password after it was asked twice, and shows it once with all that the phone wants to know", async () => {
  const asked = serve({
    "GET /api/v1/devices": { items: [device] },
    "GET /api/v1/system": { listeners },
    "POST /api/v1/devices/{id}/password": { ...device, password: "s3cret" },
  });
  const posts = () => asked.filter((a) => a.what.startsWith("POST"));
  await show(<Devices />);
  await says("Not registered");
  await click("New password");
  (await finds("End the old password")).dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  await finds("New password"); // who goes elsewhere meant something else
  expect(posts()).toEqual([]);
  await click("New password");
  await click("End the old password");
  for (const what of ["s3cret", "phone-1", "10.0.0.5", "5060 UDP", "shown only now"]) await says(what);
  expect(posts()).toEqual([{ what: "POST /api/v1/devices/{id}/password", with: { path: { id: "d" } } }]);
  await click("Close");
  await expect.poll(text).not.toContain("s3cret");
});

it("says why a phone got no password", async () => {
  const refused = new Problem(403, "Only administrators may.");
  serve({ "GET /api/v1/devices": { items: [device] }, "POST /api/v1/devices/{id}/password": refused });
  await show(<Devices />);
  await click("New password");
  await click("End the old password");
  await expect.poll(() => vi.mocked(notify.complain).mock.calls[0]?.[0]).toBe(refused);
  expect(find("Close")).toBeUndefined();
});

it("says what each list is for while it is empty", async () => {
  serve();
  await show(
    <>
      <Devices />
      <Numbers />
      <Trunks />
      <RouteTrial />
      <Rules />
    </>,
  );
  for (const what of ["No desk phone yet.", "Nobody is rung yet: add a number", "No line yet. Add your carrier"])
    await says(what);
  await says("Add a number first: then you can try who would answer it.");
  await says("No rule yet: new clients go to an administrator.");
});

const step = { users: [], rests: [], away: [], busy: [], next: {} };

it("tells who would answer a call: who calls, whom it rings, who can't, and where each outcome leads", async () => {
  const steps = [
    {
      ...step,
      kind: "ring",
      users: ["me"],
      rests: [],
      away: ["me"],
      seconds: 25,
      next: { no_answer: 1, busy: 1, declined: 1, unavailable: 1 },
    },
    { ...step, kind: "ring", users: ["me", "ion"], busy: ["ion"], seconds: 15 },
    { ...step, kind: "dial", number: "+40733000111", trunk: "t" },
    { ...step, kind: "refuse", cause: "overload" },
  ];
  const caller = { name: "Radu Georgescu", known: true, responsible: "me" };
  const asked = serve({
    "GET /api/v1/numbers": { items: [{ e164: "+40311000001", trunk: "t", destination: { kind: "group" } }] },
    "GET /api/v1/trunks": { items: [{ id: "t", name: "Orange" }] },
    "GET /api/v1/telephony/route": { caller, steps, way: [{ step: 0 }, { step: 1 }] },
  });
  await show(<RouteTrial />);
  await fill("Who calls", " 0722 123 456 ");
  await click("Try");
  await says("The client is Radu Georgescu, whose calls Maria Popa takes");
  await says("1. Rings Maria Popa for 25 s");
  await says("otherwise → 2");
  await says("Nobody can be rung now");
  await says("2. Rings Maria Popa and Ion Rusu for 15 s");
  await says("busy: Ion Rusu");
  await says("3. Dials +40 733 000 111 over Orange");
  await says("4. The call is refused: All lines taken");
  const reached = [...document.querySelectorAll("[data-reached]")].map((e) => e.getAttribute("data-reached"));
  expect(reached).toEqual(["true", "true", "false", "false"]);
  const query = { number: "+40311000001", from: "0722 123 456", at: undefined };
  expect(asked).toContainEqual({ what: "GET /api/v1/telephony/route", with: { query } });
});

it.each([
  [{ known: true, name: "Radu" }, "The client is Radu; nobody is responsible"],
  [{ known: false, rule: "Site", responsible: "ion" }, "the rule “Site” gives the call to Ion Rusu"],
  [{ known: false }, "no rule names who takes the call"],
])("says who would be calling: %o", async (caller, said) => {
  serve({
    "GET /api/v1/numbers": { items: [{ e164: "+40311000001", trunk: "t", destination: { kind: "group" } }] },
    "GET /api/v1/telephony/route": { caller, steps: [], way: [] },
  });
  await show(<RouteTrial />);
  await click("Try");
  await says(said);
  expect(text()).not.toContain("missed call"); // nothing rings, so nothing is missed
});

const trunk = {
  id: "t",
  name: "Orange",
  kind: "carrier",
  host: "sip.orange.ro",
  transport: "udp",
  register: true,
  username: "u",
  active: true,
};
const does = { since: "2026-11-29T09:00:00Z", took: 12.3, calls: 1 };
const lights: [object, string][] = [
  [{ ...does, registered: true, reachable: true }, "answers in 12 ms · 1 call now"],
  [{ ...does, registered: false, reachable: true, problem: "403 Forbidden" }, "403 Forbidden"],
];

it.each(lights)(
  "says how a line does, in words, and what was said on the wire one click deeper: %o",
  async (status, said) => {
    serve({ "GET /api/v1/trunks": { items: [trunk] }, "GET /api/v1/trunks/{id}/status": status });
    await show(<Trunks />);
    await says(said);
    const raw = document.querySelector("details code");
    expect(raw?.textContent ?? "").toBe("problem" in status ? "403 Forbidden" : "");
    if (raw) expect(document.querySelector("summary")?.textContent).not.toContain("403");
  },
);

it("keeps whether the line's word on callers is believed, and says what a PBX is believed by", async () => {
  const pbx = { ...trunk, kind: "pbx", host: "192.0.2.7", verifies: false };
  const asked = serve({
    "GET /api/v1/trunks": { items: [pbx] },
    "GET /api/v1/trunks/{id}/status": { ...does, registered: false, reachable: true },
    "PATCH /api/v1/trunks/{id}": pbx,
  });
  await show(<Trunks />);
  await click("Edit");
  await says("lets them call under any number");
  expect((find("Its own calls say who calls in") as HTMLInputElement).value).toBe("From");
  const labels = [...document.querySelectorAll("label")];
  labels.find((l) => l.textContent?.startsWith("Its word on callers"))!.click();
  await click("Save");
  const patches = () => asked.filter((a) => a.what.startsWith("PATCH"));
  await expect.poll(patches).toHaveLength(1);
  expect(patches()[0]?.with).toMatchObject({ verifies: true });
});

it("tests a line, and shows each step with what the peer said", async () => {
  serve({
    "GET /api/v1/trunks": { items: [trunk] },
    "GET /api/v1/trunks/{id}/status": { registered: false, reachable: false },
    "POST /api/v1/trunks/{id}/test": {
      steps: [
        { kind: "address", ok: true, told: "[192.0.2.1:5060]" },
        { kind: "register", ok: false, told: "401 Unauthorized" },
      ],
    },
  });
  await show(<Trunks />);
  await click("Test");
  await says("Its name is found");
  const steps = [...document.querySelectorAll("[aria-live] [data-state]:not([aria-hidden])")];
  expect(steps.map((s) => [s.textContent, s.getAttribute("data-state")])).toEqual([
    ["Its name is found", "live"],
    ["It does not let us register. Check user and password.", "bad"],
  ]);
});

it("calls a number over a line, and says where that failed and what was answered", async () => {
  const asked = serve({
    "GET /api/v1/trunks": { items: [trunk] },
    "GET /api/v1/trunks/{id}/status": { registered: false, reachable: false },
    "POST /api/v1/trunks/{id}/call": {
      steps: [
        { kind: "taken", ok: true, told: "100 Trying" },
        { kind: "answered", ok: false, told: "486 Busy Here" },
      ],
    },
  });
  await show(<Trunks />);
  await click("Test call");
  await says("Test call over");
  await fill("Number", "+40722000111");
  await click("Call now");
  await says("Nobody answered. The line works as far as the other phone.");
  expect(asked).toContainEqual({ what: "POST /api/v1/trunks/{id}/call", with: { to: "+40722000111" } });
  expect([...document.querySelectorAll("details code")].map((c) => c.textContent)).toContain("486 Busy Here");
});

it("says itself why a test call may not be made", async () => {
  serve({
    "GET /api/v1/trunks": { items: [trunk] },
    "GET /api/v1/trunks/{id}/status": { registered: false, reachable: false },
    "POST /api/v1/trunks/{id}/call": { steps: [{ kind: "allowed", ok: false, told: "forbidden" }] },
  });
  await show(<Trunks />);
  await click("Test call");
  await fill("Number", "+88213000000");
  await click("Call now");
  await says("Calls to this number are not allowed.");
  expect(document.querySelector("[role=dialog] details")).toBeNull();
});

it("puts a rule before another, by buttons that say where they lead", async () => {
  const rule = (id: string) => ({
    id,
    name: `Rule ${id}`,
    active: true,
    when: {},
    then: { create: true, assign: "admin" },
  });
  const asked = serve({ "GET /api/v1/rules": { items: [rule("a"), rule("b")] } });
  await show(<Rules />);
  await says("2. Rule b");
  const ups = () => [...document.querySelectorAll<HTMLButtonElement>('[aria-label="Up"]')];
  expect(ups().map((b) => b.disabled)).toEqual([true, false]);
  ups()[1]!.click();
  await expect.poll(() => asked).toContainEqual({ what: "POST /api/v1/rules/order", with: { ids: ["b", "a"] } });
});
