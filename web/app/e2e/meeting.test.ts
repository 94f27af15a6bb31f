import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodes, enter, hears, launch } from "./browser";
import { toneShare, writeTone } from "./tone";
import { until, World } from "./world";

const ours = 700; // Hz, what our microphones give
const theirs = 1000; // Hz, what the client says
const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));

let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await World.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), ours, 48000));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** The meetings on a client's timeline, and the address of his card. */
async function meetingsOf(name: string) {
  const { items } = await world.api<{ items: { id: string }[] }>("GET", `/contacts?q=${name.replace(" ", "+")}`);
  const client = `/contacts/${items[0]!.id}`;
  const meetings = async () => {
    const { items } = await world.api<{ items: Entry[] }>("GET", `${client}/timeline`);
    return items.filter((e) => e.kind === "meeting");
  };
  return { client, meetings };
}

const cardOf = (page: Page, name: string) => page.getByTestId("card").getByTestId("card-name").getByText(name);

const people = (page: Page) => page.getByTestId("tile").count();
const sees = (page: Page, count: number) =>
  until(async () => (await decodes(page)) === count, `${count} moving pictures`, 30_000);

type Entry = { kind: string; title: string; body: string; outcome?: string; seconds?: number };

it("a meeting that starts from a card comes on the client's timeline, once", { timeout: 240_000 }, async () => {
  const { client, meetings } = await meetingsOf("Radu Georgescu");
  const [maria, andrei] = await Promise.all(
    ["maria", "andrei"].map((login) => enter(browser, world, world.user(login), { width: 1280, height: 720 })),
  );
  await maria!.goto(`/crm${client}`);
  await maria!.getByRole("button", { name: "Meet", exact: true }).click();
  await maria!.getByTestId("about").getByText("Radu Georgescu").waitFor();
  await maria!.getByRole("button", { name: "Join" }).click();
  await maria!.getByTestId("stage").waitFor();
  await cardOf(maria!, "Radu Georgescu").waitFor();
  await andrei!.goto(maria!.url());
  await andrei!.getByRole("button", { name: "Ask to be let in" }).click();
  expect(await andrei!.getByText("Radu Georgescu").count()).toBe(0); // the title is not for him
  await maria!.getByTestId("knocking").filter({ hasText: "Andrei" }).getByRole("button", { name: "Turn away" }).click();
  await andrei!.getByText("Those inside did not let you in.").waitFor();
  await maria!.getByRole("button", { name: /^Invite Andrei/ }).click();
  await andrei!
    .getByTestId("incoming-meeting")
    .getByRole("button", { name: /Decline/ })
    .click();
  await andrei!.getByRole("button", { name: "Join" }).click();
  await andrei!.getByTestId("stage").waitFor();
  await cardOf(andrei!, "Radu Georgescu").waitFor();
  await until(async () => (await meetings())[0]?.body.includes("Andrei") ?? false, "both in the running entry");
  expect((await meetings()).map((m) => [m.title, m.outcome])).toEqual([["Radu Georgescu", undefined]]);

  await maria!.getByRole("button", { name: "Close the card" }).click();
  await maria!.getByRole("button", { name: "Card: Radu Georgescu" }).click();
  await maria!.getByTestId("timeline").getByText("Meetings", { exact: true }).click();
  await maria!.locator('[data-testid="timeline"] [data-kind="meeting"]').getByText("Now").waitFor();

  await andrei!.getByRole("button", { name: "Leave" }).click();
  await maria!.getByRole("button", { name: "Leave" }).click();
  await until(async () => (await meetings())[0]?.outcome === "answered", "the end of the meeting", 20_000);
  const [entry, ...more] = await meetings();
  expect(more).toEqual([]);
  expect(entry!.body.split(", ").map((name) => name.split(" ")[0])).toEqual(["Maria", "Andrei"]);
  expect(entry!.seconds).toBeGreaterThan(0);
  await maria!.locator('[data-testid="timeline"] [data-kind="meeting"]').getByText("minute").waitFor();
  await Promise.all([maria!.context().close(), andrei!.context().close()]);
});

it("a client and a browser meet by phone and hear each other", { timeout: 240_000 }, async () => {
  const { meetings } = await meetingsOf("Ioana Marin");
  const room = await world.room("By phone");
  const number = world.ready.numbers[1]!;
  const { items } = await world.api<{ items: { e164: string; trunk: string }[] }>("GET", "/numbers");
  const { trunk } = items.find((n) => n.e164 === number)!;
  await world.api("PUT", `/numbers/${number}`, { trunk, destination: { kind: "meeting", meeting: room.id } });
  const maria = await enter(browser, world, world.user("maria"), { width: 1280, height: 720 });
  await maria.goto(`/meetings/${room.id}`);
  await maria.getByRole("button", { name: "Join" }).click();
  await maria.getByTestId("stage").waitFor();

  const recorded = join(folder, "heard.wav");
  const sound = writeTone(join(folder, "client.wav"), theirs, 16000);
  const how = ["--codecs", "G722", "--record", recorded, "--duration", "120s"];
  const client = world.ring("+40722550002", number, sound, ...how); // the one called in below speaks G.711
  const tile = maria.getByTestId("tile").filter({ hasText: "Ioana Marin" });
  await tile.getByLabel("By phone").waitFor();
  await cardOf(maria, "Ioana Marin").waitFor();
  const clear = async () => (await hears(maria, theirs, 800)).share > 0.9;
  await until(clear, `the client's tone of ${theirs} Hz in the browser`, 20_000);
  await client.hangUp();
  expect(toneShare(recorded, ours)).toBeGreaterThan(0.9);
  await tile.waitFor({ state: "detached" });

  await callIn(maria, "0733 550 003"); // the demo's world answers with an echo
  const called = maria.getByTestId("tile").filter({ has: maria.getByLabel("By phone") });
  await called.getByText("rings…").waitFor();
  await called.getByText("rings…").waitFor({ state: "detached" });
  const echo = async () => (await hears(maria, ours, 800)).share > 0.9;
  await until(echo, `our own tone of ${ours} Hz from the number called in`, 20_000);
  await called.getByRole("button", { name: /Hang up/ }).click();
  await called.waitFor({ state: "detached" });

  await maria.getByRole("button", { name: "Leave" }).click();
  await until(async () => (await meetings())[0]?.outcome === "answered", "the end of the meeting", 20_000);
  const people = "Maria Ionescu, +40722550002, +40733550003";
  expect((await meetings()).map((m) => [m.title, m.body])).toEqual([["By phone", people]]);

  await world.api("PUT", "/extensions/399", { kind: "meeting", meeting: room.id });
  await maria.goto("/");
  await maria.getByRole("button", { name: "Dial" }).click();
  await maria.getByPlaceholder("Number or name to call").fill("399");
  await maria.getByText("Call 399").click();
  await maria.getByText("By phone: +40 215 550 101, 399").waitFor(); // the room's door
  await maria.context().close();
});

const callIn = async (page: Page, number: string) => {
  await page.getByRole("textbox", { name: "Number to call in" }).fill(number);
  await page.getByRole("textbox", { name: "Number to call in" }).press("Enter");
};

it("several clients are called into a meeting at once; each has his own outcome and card", {
  timeout: 240_000,
}, async () => {
  const { client } = await meetingsOf("Ioana Marin");
  const room = await world.room("Three clients");
  const [maria, andrei] = await Promise.all(
    ["maria", "andrei"].map(async (login) => {
      const page = await enter(browser, world, world.user(login), { width: 1280, height: 720 });
      await page.goto(`/meetings/${room.id}`);
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByTestId("stage").waitFor();
      return page;
    }),
  );
  const called = (page: Page, text: string) => page.getByTestId("called").filter({ hasText: text });
  const busy = Promise.all([
    called(andrei!, "+40 733 000 486").getByText("Busy · Maria Ionescu").waitFor(),
    maria!.getByRole("alert").getByText("+40 733 000 486: Busy").waitFor(), // told to who called him
  ]);
  await callIn(maria!, "0733 000 408"); // rings on
  await callIn(maria!, "0733 000 486"); // is busy, which is shown for some seconds
  await busy;
  await callIn(maria!, "0722 550 002");
  await cardOf(maria!, "Ioana Marin").waitFor(); // of who is being called
  expect(await andrei!.getByRole("alert").count()).toBe(0);

  await maria!.getByTestId("inside").filter({ hasText: "Ioana Marin" }).getByText("+40 722 550 002").waitFor();
  await cardOf(andrei!, "Ioana Marin").waitFor();
  expect(await called(maria!, "+40 733 000 408").getByText("rings…").count()).toBe(1);
  await maria!.getByRole("button", { name: "Cancel the call to +40 733 000 408" }).first().click();
  await called(andrei!, "+40 733 000 408").waitFor({ state: "detached" });
  await andrei!.getByRole("button", { name: "Call +40 733 000 486 again" }).click();
  await called(maria!, "+40 733 000 486").getByText("Andrei").waitFor();
  await called(maria!, "+40 733 000 486").getByText("Busy").waitFor();
  await maria!.reload();
  await called(maria!, "+40 733 000 486").getByText("Busy").waitFor();
  await maria!.getByTestId("inside").getByText("Ioana Marin").waitFor();
  await maria!.getByRole("button", { name: "Remove +40 733 000 486 from the list" }).click();
  await called(andrei!, "+40 733 000 486").waitFor({ state: "detached" });

  await callIn(maria!, "+1 202 555 0100");
  await maria!.getByRole("alert").getByText("Calls to this number are not allowed").waitFor();
  await expect.poll(() => maria!.getByRole("textbox", { name: "Number to call in" }).inputValue()).not.toBe("");
  expect(await maria!.getByTestId("called").count()).toBe(0);

  await andrei!.getByTestId("inside").getByRole("button", { name: "Hang up Ioana Marin" }).click();
  await maria!.getByTestId("inside").filter({ hasText: "Ioana Marin" }).waitFor({ state: "detached" });
  const calls = async () => {
    const { items } = await world.api<{ items: Entry[] }>("GET", `${client}/timeline`);
    return items.filter((e) => e.kind === "call" && e.title === "Three clients");
  };
  await until(async () => (await calls())[0]?.outcome === "answered", "the call on the client's timeline", 20_000);
  expect(await calls()).toHaveLength(1);
  await maria!.goto("/calls");
  const rows = maria!.getByRole("row").filter({ has: maria!.getByLabel("Into a meeting") });
  await rows.filter({ hasText: "+40 733 000 408" }).getByText("Cancelled").waitFor();
  await rows.filter({ hasText: "+1 202" }).getByText("Failed").waitFor();
  expect(await rows.filter({ hasText: "+40 733 000 486" }).getByText("Busy").count()).toBe(1); // the other was her colleague's
  await Promise.all([maria!.context().close(), andrei!.context().close()]);
});

it("four people see each other; one leaves and comes back; one is invited with a click", {
  timeout: 240_000,
}, async () => {
  const [maria, andrei, ion, elena] = await Promise.all(
    ["maria", "andrei", "ion", "elena"].map((login) =>
      enter(browser, world, world.user(login), { width: 900, height: 620 }),
    ),
  );
  await maria!.goto("/meetings");
  await maria!.getByRole("textbox", { name: "Title of the meeting" }).fill("Monday round");
  await maria!.getByRole("button", { name: "Start now" }).click();
  await maria!.getByRole("button", { name: "Join" }).click();
  await maria!.getByTestId("stage").waitFor();
  const address = maria!.url();
  for (const page of [andrei!, ion!]) {
    await page.goto(address);
    await page.getByRole("button", { name: "Ask to be let in" }).click();
    await maria!.getByTestId("knocking").getByRole("button", { name: "Let in" }).click();
    await page.getByTestId("stage").waitFor();
  }

  await maria!.getByRole("button", { name: "People" }).click();
  await maria!.getByRole("button", { name: "Invite Elena Popescu" }).click();
  await elena!
    .getByTestId("incoming-meeting")
    .getByRole("button", { name: /Answer/ })
    .click();
  await elena!.getByRole("button", { name: "Join" }).click(); // at the door one sees oneself first
  await elena!.getByTestId("stage").waitFor();

  const all = [maria!, andrei!, ion!, elena!];
  await Promise.all(all.map((page) => sees(page, 3)));

  await andrei!.getByRole("button", { name: "Turn the camera off" }).click();
  await until(async () => (await decodes(maria!)) === 2, "two pictures while one camera is off", 15_000);
  await andrei!.getByRole("button", { name: "Turn the camera on" }).click();
  await sees(maria!, 3);

  await ion!.getByRole("button", { name: "Mute", exact: true }).click();
  await maria!.getByTestId("tile").getByLabel("Muted").waitFor();

  await elena!.getByRole("button", { name: "Leave" }).click();
  await expect.poll(() => people(maria!)).toBe(3);
  await elena!.getByRole("button", { name: "Join" }).click();
  await sees(elena!, 3);
  await sees(maria!, 3);

  await andrei!.reload();
  await andrei!.getByTestId("stage").waitFor();
  await Promise.all([sees(andrei!, 3), sees(maria!, 3)]);

  const second = await andrei!.context().newPage(); // another tab of his
  await second.goto(address);
  await second.getByText("You are in this meeting already, in another tab.").waitFor();
  await second.getByRole("button", { name: "Go on here" }).click();
  await sees(second, 3);
  await expect.poll(() => andrei!.getByTestId("stage").count()).toBe(0);
  expect(await people(maria!)).toBe(4);

  await elena!.goto("about:blank"); // closes the page
  await expect.poll(() => people(maria!), { timeout: 12_000 }).toBe(3); // not a ghost for half a minute
});
