import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decodes, enter, expectTone, launch, online } from "./browser";
import { Cluster, greeting, type Name, portOf } from "./cluster";
import { writeTone } from "./tone";
import { type Caller, until, type World } from "./world";

const theirs = 1000; // Hz, what the client says
const ours = 700; // Hz, what our microphone gives
const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after
const victor = "+37369550003"; // Victor Munteanu, whom andrei looks after

let cluster: Cluster;
let browser: Browser;
let clientSound: string;
const clients: Caller[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));
  clientSound = writeTone(join(folder, "client.wav"), theirs, 8000);
  cluster = await Cluster.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), ours, 48000));
});
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.drop();
  for (const page of pages.splice(0)) await page.context().close();
  await cluster.heal();
});

const bar = (page: Page) => page.getByTestId("call-bar");
const incoming = (page: Page) => page.getByTestId("incoming-call");
const tool = (page: Page, name: string) => bar(page).getByRole("button", { name, exact: true });
const gone = (page: Page) => expect.poll(() => bar(page).count(), { timeout: 30_000 }).toBe(0);

/** A user's window, opened through the balancer, and the node that its socket is on: none of those in not. */
async function workplace(login: string, ...not: Name[]): Promise<{ page: Page; seat: Name }> {
  let before = (await cluster.seat(login))?.socket;
  const page = await enter(browser, cluster.front, cluster.front.user(login), { width: 1280, height: 720 });
  pages.push(page);
  for (;;) {
    const { socket, node } = await seated(login, before);
    if (!not.includes(node)) return { page, seat: node };
    before = socket;
    await page.reload();
    await online(page);
  }
}

/** A user's newest socket and its node, once it is another than before. */
async function seated(login: string, before?: string): Promise<{ socket: string; node: Name }> {
  let seat: { socket: string; node: Name } | undefined;
  const is = async () => {
    seat = await cluster.seat(login);
    return seat !== undefined && seat.socket !== before;
  };
  await until(is, `a socket of ${login}`, 30_000);
  return seat!;
}

/** Has a client call at a node. */
function calls(node: World, from = radu): Caller {
  const client = node.ring(from, node.ready.numbers[0]!, clientSound, "--duration", "3m");
  clients.push(client);
  return client;
}

async function answered(page: Page): Promise<void> {
  await incoming(page).waitFor();
  await page.keyboard.press("Alt+a");
  await tool(page, "Mute").waitFor();
  await expectTone(page, theirs);
}

type Call = { id: string; outcome: string; cause: string };
const lastCall = async () => (await cluster.front.api<{ items: Call[] }>("GET", "/calls")).items[0]!;

/**
 * What the page showed since watched: complaints, tones, and that what selector names was not there.
 * A network as bad as the machine is busy is none.
 */
const seen = async (page: Page) => {
  const all = await page.evaluate(() => (window as never as { seen: string[] }).seen);
  return all.filter((what) => !what.startsWith("Bad network"));
};

/** Runs in the page. */
function watch(selector: string): void {
  const seen: string[] = [];
  const note = (what: string) => seen.includes(what) || seen.push(what);
  Object.assign(window, { seen });
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...args) {
    note("a tone");
    start.apply(this, args);
  };
  new MutationObserver(() => {
    for (const complaint of document.querySelectorAll('[role="alert"], [data-state="bad"]:not([aria-hidden])'))
      note(complaint.textContent);
    if (!document.querySelector(selector)) note(`no ${selector}`);
  }).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
}

describe("three nodes behind a balancer", { timeout: 120_000 }, () => {
  it("pass mail programs on", async () => {
    expect(await greeting("127.0.0.2", portOf(cluster.mail))).toMatch(/^\* OK/);
  });

  it("a call at one rings on another: the card first, sound both ways, hold and the end", async () => {
    const { page, seat } = await workplace("maria");
    await page.evaluate(watch, "header");
    const client = calls(cluster.other(seat));
    await incoming(page).waitFor();
    expect(await page.getByTestId("card-name").textContent()).toBe("Radu Georgescu");
    await answered(page);
    await page.keyboard.press("Alt+h");
    await bar(page).getByText("On hold").waitFor();
    await page.keyboard.press("Alt+h");
    await expect.poll(() => bar(page).getByText("On hold").count()).toBe(0);
    await expectTone(page, theirs);
    await page.keyboard.press("Alt+x");
    await client.ended();
    await gone(page);
    expect(client.heard).toBeGreaterThan(-40);
    await page.getByTestId("timeline").locator('[data-kind="call"]').first().waitFor();
    expect(await seen(page)).toEqual(["a tone"]); // the ringing
  });

  it("a call whose node drains goes on while its browser moves", async () => {
    const { page, seat } = await workplace("maria");
    const client = calls(cluster.node(seat));
    await answered(page);
    await tool(page, "Mute").click();
    await tool(page, "Unmute").waitFor();
    await page.evaluate(watch, '[data-testid="call-bar"]');
    const before = (await cluster.seat("maria"))?.socket;
    cluster.node(seat).drain();
    expect((await seated("maria", before)).node).not.toBe(seat);
    await page.locator("header").getByText("In a call").waitFor();
    await expectTone(page, theirs);
    expect(await tool(page, "Unmute").count()).toBe(1); // who muted stays muted
    await tool(page, "Unmute").click();
    expect((await seen(page)).filter((what) => what !== "Muted")).toEqual([]);
    await page.keyboard.press("Alt+x");
    await client.ended();
    await gone(page);
    expect(client.heard).toBeGreaterThan(-40);
    await cluster.node(seat).ended();
  });

  it("while the bus is away sound goes on, what can't be done is said, and all comes back", async () => {
    const { page, seat } = await workplace("maria");
    const client = calls(cluster.other(seat));
    await answered(page);
    await cluster.stopBus();
    await page.keyboard.press("Alt+x");
    await page.getByRole("alert").getByText("can't be reached just now").waitFor();
    await expectTone(page, theirs);
    const andrei = await workplace("andrei"); // of whom maria's node can't hear
    await page.evaluate(watch, '[data-testid="call-bar"]');
    await cluster.startBus();
    await tool(page, "Transfer").click();
    await page
      .getByRole("button", { name: /Andrei Rusu/ })
      .locator('[data-state="live"]')
      .waitFor();
    await page.keyboard.press("Escape");
    await expectTone(page, theirs);
    expect((await seen(page)).filter((what) => !what.includes("just now"))).toEqual([]);
    await page.keyboard.press("Alt+x");
    await client.ended();
    await gone(page);
    await expect.poll(() => andrei.page.getByTestId("call-bar").count()).toBe(0);
  });

  it("a call whose node is lost is over, and new ones come at once", async () => {
    const maria = await workplace("maria");
    const andrei = await workplace("andrei", maria.seat);
    calls(cluster.node(andrei.seat)); // her socket is elsewhere, his is there
    await answered(maria.page);
    calls(cluster.node(andrei.seat), victor);
    await answered(andrei.page);
    const { id } = await lastCall();
    const lost = Date.now();
    await cluster.node(andrei.seat).kill();
    for (const { page } of [maria, andrei]) {
      await page.getByRole("alert").getByText("cut off").waitFor({ timeout: 30_000 });
      await gone(page);
    }
    console.info(`both calls of the lost node were over ${Date.now() - lost} ms after its end`);
    const record = () => cluster.front.api<Call>("GET", `/calls/${id}`);
    await until(async () => (await record()).cause === "cut_off", "the record's end");
    expect((await record()).outcome).toBe("answered");
    const client = calls(cluster.other(andrei.seat));
    await answered(maria.page);
    await maria.page.keyboard.press("Alt+x");
    await client.ended();
  });

  it("a meeting whose node is lost comes together again on another", async () => {
    const maria = await workplace("maria");
    const andrei = await workplace("andrei", maria.seat);
    const ion = await workplace("ion", maria.seat, andrei.seat);
    const all = [maria, andrei, ion];
    const { id } = await cluster.front.room("Monday round");
    for (const { page } of all) {
      await page.goto(`/meetings/${id}`);
      await page.getByRole("button", { name: /^Join$/ }).click();
      await page.getByTestId("stage").waitFor();
    }
    await Promise.all(all.map(({ page }) => sees(page, 2)));
    const runs = (await cluster.front.api<{ items: { node: string }[] }>("GET", "/calls/active")).items[0]!
      .node as Name;
    await ion.page.getByRole("button", { name: "Mute", exact: true }).click();
    await ion.page.getByRole("button", { name: "Turn the camera off" }).click();
    await sees(maria.page, 1);
    for (const { page } of all) await page.evaluate(watch, '[data-testid="stage"]');
    const lost = Date.now();
    await cluster.node(runs).kill();
    await Promise.all([sees(maria.page, 1), sees(andrei.page, 1), sees(ion.page, 2)]);
    console.info(`the meeting was whole again ${Date.now() - lost} ms after the end of its node`);
    await ion.page.getByRole("button", { name: "Unmute", exact: true }).waitFor();
    await ion.page.getByRole("button", { name: "Turn the camera on" }).waitFor();
    await maria.page.getByTestId("tile").getByLabel("Muted").waitFor();
    for (const { page } of all) expect(await seen(page)).toEqual([]);
    for (const { page } of all) await page.getByRole("button", { name: "Leave" }).click();
  });
});

/** Waits until the page decodes moving pictures of so many others. */
function sees(page: Page, count: number): Promise<void> {
  return until(async () => (await decodes(page)) === count, `${count} moving pictures`, 45_000);
}
