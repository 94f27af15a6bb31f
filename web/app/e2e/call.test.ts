import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { enter, expectTone, launch, online } from "./browser";
import { quarters, writeTone } from "./tone";
import { type Caller, World } from "./world";

const theirs = 1000; // Hz, what the client says
const ours = 700; // Hz, what our microphone gives
const second = 1300; // Hz, what our second microphone gives
const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after

let world: World;
let browser: Browser;
let clientSound: string;
const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));
const clients: Caller[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  clientSound = writeTone(join(folder, "client.wav"), theirs, 8000);
  world = await World.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), ours, 48000));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.hangUp();
  for (const page of pages.splice(0)) await page.context().close();
});

async function workplace(login: string): Promise<Page> {
  const page = await enter(browser, world, world.user(login));
  pages.push(page);
  return page;
}

/** Has a client call. */
function calls(from: string, to: string, wav?: string): Caller {
  const client = world.ring(from, to, wav);
  clients.push(client);
  return client;
}

const line = () => world.ready.numbers[0]!;
const bar = (page: Page) => page.getByTestId("call-bar");
const answer = (page: Page) => page.getByTestId("incoming-call").getByRole("button", { name: /Answer/ });

describe("a call in", () => {
  it("opens the card before it rings, and sound flows both ways", async () => {
    const page = await workplace("maria");
    await page.evaluate(watchOrder);
    const client = calls(radu, line(), clientSound);
    await answer(page).waitFor();
    await expect.poll(() => page.getByTestId("card-name").textContent()).toBe("Radu Georgescu");
    expect(await page.evaluate(() => (window as never as { order: string[] }).order)).toEqual(["card", "ring"]);
    await page.keyboard.press("Alt+a");
    await bar(page).getByRole("button", { name: "Mute" }).waitFor();
    await expectTone(page, theirs);
    await page.keyboard.press("Alt+x");
    await client.ended();
    await expect.poll(() => bar(page).count()).toBe(0);
    expect(client.heard).toBeGreaterThan(-40);
    await page.getByTestId("timeline").locator('[data-kind="call"]').first().waitFor();
  });

  it("is declined with a key, and the client is told", async () => {
    const page = await workplace("maria");
    const other = await workplace("andrei");
    const client = calls(radu, world.ready.numbers[1]!); // maria first, then elena, who is not here
    await answer(page).waitFor();
    expect(await other.getByTestId("incoming-call").count()).toBe(0);
    await page.keyboard.press("Alt+d");
    await expect.poll(() => page.getByTestId("incoming-call").count()).toBe(0);
    expect(await client.ended()).not.toBe(0);
  });

  it("never takes the focus from somebody who types", async () => {
    const page = await workplace("maria");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("alina"); // at once: what comes before the field has the focus is not lost
    const client = calls(radu, line());
    await answer(page).waitFor();
    await page.keyboard.type(" dobre");
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe("alina dobre");
    await client.hangUp();
    await expect.poll(() => page.getByTestId("incoming-call").count()).toBe(0);
  });

  it("of somebody unknown makes a lead, whose card is open", async () => {
    const sellers = [await workplace("maria"), await workplace("andrei"), await workplace("ion")];
    const client = calls("+40731999123", line());
    await Promise.any(sellers.map((page) => page.getByTestId("card-name").waitFor()));
    await client.hangUp();
    const { items } = await world.api<{ items: { points: { value: string }[] }[] }>("GET", "/leads?q=%2B40731999123");
    expect(items).toHaveLength(1);
  });

  it("goes on with another microphone picked in its middle: the client hears the one, then the other, and no break", async () => {
    const page = await workplace("maria");
    await page.context().addInitScript(secondSays, second);
    await page.reload();
    await online(page);
    const heard = join(folder, "heard.wav");
    const client = world.ring(radu, line(), clientSound, "--codecs", "G722", "--record", heard);
    clients.push(client);
    await answer(page).click();
    await expectTone(page, theirs);
    await page.waitForTimeout(1500); // said into the first
    await bar(page).getByRole("button", { name: "Microphone and loudspeaker" }).click();
    await page.getByRole("combobox", { name: "Microphone" }).click();
    await page.getByRole("option", { name: "Fake Audio Input 2" }).click();
    await page.waitForTimeout(2500); // said into the second
    await page.keyboard.press("Escape");
    await bar(page).getByRole("button", { name: "Hang up" }).click();
    await client.ended();
    const said = quarters(heard).map((share) => (share(ours) > 0.5 ? "1" : share(second) > 0.5 ? "2" : "-"));
    expect(said.join("")).toMatch(/^-*1{4,}-?2{6,}-*$/);
    expect(await page.evaluate(() => localStorage.getItem("frontdesk.devices"))).toContain("audioinput");
  });

  it("has one name, in the bar and on the card, whatever is made of the client meanwhile", async () => {
    const page = await workplace("maria");
    const called = async (name: string) => {
      await expect.poll(() => page.getByTestId("card-name").textContent()).toBe(name);
      await bar(page).getByText(name, { exact: true }).waitFor();
      await page.getByTestId("card-call").getByText("In the call").waitFor();
    };
    const client = calls("+40731999456", world.ready.numbers[1]!);
    await answer(page).click();
    await called("+40731999456");
    const { items } = await world.api<{ items: { id: string }[] }>("GET", "/leads?q=%2B40731999456");
    await world.api("PATCH", `/leads/${items[0]!.id}`, { name: "Vlad Nistor", title: "Vlad Nistor" });
    await called("Vlad Nistor");
    await page.reload();
    await called("Vlad Nistor");
    await page.getByTestId("card").getByRole("button", { name: "Convert" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Convert" }).click();
    await page.getByTestId("card").getByText("Vlad Nistor").first().waitFor();
    await called("Vlad Nistor");
    const contacts = await world.api<{ items: { id: string }[] }>("GET", "/contacts?q=%2B40731999456");
    await world.api("PATCH", `/contacts/${contacts.items[0]!.id}`, { name: "Vlad I. Nistor" });
    await called("Vlad I. Nistor");
    await bar(page).getByRole("button", { name: "Hang up" }).click();
    await client.ended();
    await expect.poll(() => page.getByTestId("card-call").count()).toBe(0);
    await expect.poll(() => bar(page).count()).toBe(0);
  });

  it("goes on after the page is loaded again", async () => {
    const page = await workplace("maria");
    const client = calls(radu, line(), clientSound);
    await answer(page).click();
    await expectTone(page, theirs);
    await page.reload();
    await bar(page).getByRole("button", { name: "Mute" }).waitFor();
    await expectTone(page, theirs);
    await bar(page).getByRole("button", { name: "Hang up" }).click();
    await client.ended();
  });
});

describe("a call out", () => {
  it("from the dial pad is answered, and comes back as an echo; one that comes to nothing says why", async () => {
    const page = await workplace("andrei");
    await page.keyboard.press("d");
    await page.keyboard.type("+40733000486");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("+40 733 000 486: Busy").waitFor();
    await expect.poll(() => bar(page).count()).toBe(0);
    await page.keyboard.press("d");
    await page.keyboard.type("+40733000111");
    await page.keyboard.press("Enter");
    await bar(page).getByRole("timer").waitFor();
    await expectTone(page, ours);
    await page.keyboard.press("Alt+h");
    await bar(page).getByText("On hold").waitFor();
    await page.keyboard.press("Alt+h");
    await expect.poll(() => bar(page).getByText("On hold").count()).toBe(0);
    await bar(page).getByRole("button", { name: "Keypad" }).click();
    await page.keyboard.type("12#");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Alt+x");
    await expect.poll(() => bar(page).count()).toBe(0);
  });

  it("from a number on a card lands in its timeline", async () => {
    const page = await workplace("maria");
    await page.goto("/crm/contacts");
    await page.getByRole("row").getByText("Ioana Marin").click();
    await page.getByTestId("card").getByRole("button", { name: "Call +40 722 550 002" }).click();
    await bar(page).getByRole("timer").waitFor();
    await bar(page).getByRole("button", { name: "Hang up" }).click();
    await page.getByTestId("timeline").locator('[data-kind="call"]').first().waitFor();
  });

  it("to a colleague rings there, and is transferred", { timeout: 180_000 }, async () => {
    const page = await workplace("maria");
    const colleague = await workplace("andrei");
    const third = await workplace("ion");
    await page.keyboard.press("d");
    await page.keyboard.type(world.user("andrei").extension);
    await page.keyboard.press("Enter");
    await answer(colleague).click();
    await bar(page).getByRole("timer").waitFor();
    const transfer = async () => {
      await bar(page).getByRole("button", { name: "Transfer" }).click();
      await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
      await page.keyboard.type(world.user("ion").extension);
      await page.keyboard.press("Enter");
      await bar(page).getByText("Transferring to Ion Ceban: rings").waitFor();
      await third.getByTestId("incoming-call").getByText("Sent by Maria Ionescu").waitFor();
      expect(await third.getByTestId("incoming-call").getByText("Andrei Rusu").count()).toBe(1);
    };
    await transfer();
    await bar(page).getByRole("button", { name: "Take back" }).click();
    await expect.poll(() => third.getByTestId("incoming-call").count()).toBe(0);
    await transfer();
    await third.keyboard.press("Alt+d");
    await bar(page).getByText("Not transferred to Ion Ceban: Declined").waitFor();
    await bar(page).getByText("Andrei Rusu").waitFor();
    await transfer();
    await answer(third).click();
    await expect.poll(() => bar(page).count()).toBe(0);
    await expectTone(third, ours);
    await bar(third).getByText("sent by Maria Ionescu").waitFor();
    await bar(third).getByRole("button", { name: "Hang up" }).click();
    await expect.poll(() => bar(colleague).count()).toBe(0);
  });

  it("asks a colleague first, and connects the client with him", async () => {
    const page = await workplace("maria");
    const colleague = await workplace("andrei");
    const client = calls(radu, line(), clientSound);
    await answer(page).click();
    await bar(page).getByRole("timer").waitFor();
    await page.keyboard.press("d");
    await page.keyboard.type(world.user("andrei").extension);
    await page.keyboard.press("Enter");
    await answer(colleague).click();
    await expectTone(colleague, ours);
    await bar(page).getByText("Andrei Rusu").waitFor();
    await bar(page).getByText("On hold").waitFor(); // he must not hear what is said about him
    await bar(page).getByRole("button", { name: "Transfer" }).last().click();
    await page.getByRole("button", { name: "Connect with Radu Georgescu" }).click();
    await expect.poll(() => bar(page).count()).toBe(0);
    await expectTone(colleague, theirs);
    await bar(colleague).getByRole("button", { name: "Hang up" }).click();
    await client.ended();
  });
});

/** Runs in the page: the second microphone gives a tone of hz; Chromium's made-up ones all give the same. */
function secondSays(hz: number): void {
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    if (stream.getAudioTracks()[0]?.label !== "Fake Audio Input 2") return stream;
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: hz });
    const out = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(out);
    tone.start();
    return out.stream;
  };
}

/** Runs in the page: notes in which order the card and the ringing panel appear. */
function watchOrder(): void {
  const order: string[] = [];
  Object.assign(window, { order });
  const seen = { card: '[data-testid="card-name"]', ring: '[data-testid="incoming-call"]' };
  new MutationObserver(() => {
    for (const [name, selector] of Object.entries(seen)) {
      if (!order.includes(name) && document.querySelector(selector)) order.push(name);
    }
  }).observe(document.body, { childList: true, subtree: true });
}
