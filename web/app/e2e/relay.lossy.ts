/** A network that lets nothing through to the server but its relay over TCP: calls and meetings go on, and begin. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodes, enter, expectTone, launch } from "./browser";
import { closeAllButRelay, lose, relayAt, serverPort, tap, ways } from "./lossy";
import { writeTone } from "./tone";
import { until, World } from "./world";

const ours = 700; // Hz, what our microphones give
let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await World.node("--relay", relayAt);
  browser = await launch(writeTone(join(mkdtempSync(join(tmpdir(), "frontdesk-relay-")), "ours.wav"), ours, 48000));
});
afterAll(async () => {
  lose(0);
  await browser?.close();
  await world?.stop();
});

async function workplace(login: string, path: string): Promise<Page> {
  const page = await enter(browser, world, world.user(login), { width: 1280, height: 720 });
  await tap(page);
  await page.goto(path);
  return page;
}

const relayed = (page: Page) => async () => {
  const all = await ways(page);
  return all.length > 0 && all.every((way) => way === "relay tcp");
};

/** Closes all ways but the relay, and tells how long it took until back holds. */
async function close(page: Page, what: string, back: () => Promise<unknown>): Promise<void> {
  closeAllButRelay(await serverPort(page), new URL(world.ready.http).port);
  const gone = Date.now();
  await back();
  console.log(
    `${what}: back over the relay ${((Date.now() - gone) / 1000).toFixed(1)} s after UDP and direct TCP were closed`,
  );
}

it("a call goes on over the relay, and the next begins over it", { timeout: 120_000 }, async () => {
  const page = await workplace("maria", "/calls");
  const bar = page.getByTestId("call-bar");
  const dial = async () => {
    await page.getByRole("button", { name: "Dial" }).click();
    await page.keyboard.type("+40733000111"); // an echo
    await page.keyboard.press("Enter");
    await bar.getByRole("timer").waitFor();
    await expectTone(page, ours);
  };
  await dial();
  await close(page, "a call", async () => {
    await until(relayed(page), "the relay", 30_000);
    await expectTone(page, ours);
  });
  await bar.getByRole("button", { name: "Hang up" }).click();
  await expect.poll(() => bar.count()).toBe(0);
  await dial();
  expect(await ways(page)).toEqual(["relay tcp"]);
  await bar.getByRole("button", { name: "Hang up" }).click();
  lose(0);
  await page.context().close();
});

it("a meeting goes on over the relay, and who comes then comes in over it", { timeout: 180_000 }, async () => {
  const room = await world.room("Relayed");
  const pages = [await workplace("maria", `/meetings/${room.id}`), await workplace("andrei", `/meetings/${room.id}`)];
  const come = async (page: Page) => {
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByTestId("stage").waitFor();
  };
  const see = (all: Page[]) =>
    Promise.all(all.map((p) => until(async () => (await decodes(p)) === all.length - 1, "all pictures", 60_000)));
  for (const page of pages) await come(page);
  await see(pages);
  await close(pages[0]!, "a meeting", async () => {
    await Promise.all(pages.map((page) => until(relayed(page), "the relay", 30_000)));
    await see(pages);
  });
  const late = await workplace("ion", `/meetings/${room.id}`);
  await come(late);
  await see([...pages, late]);
  expect(await ways(late)).toEqual(["relay tcp", "relay tcp"]);
  lose(0);
  for (const page of [...pages, late]) await page.context().close();
});
