import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodes, enter, launch } from "./browser";
import { type Fared, lose, measure, portOf, tap } from "./lossy";
import { writeTone } from "./tone";
import { until, World } from "./world";

const logins = ["maria", "andrei", "ion", "elena"].slice(0, Number(process.env.PAGES ?? 4));
const losses = (process.env.LOSS ?? "0 1 5 15").split(" ").map(Number);
const span = 12; // s of each measurement
const folder = mkdtempSync(join(tmpdir(), "frontdesk-lossy-"));

let world: World;
let browsers: Browser[] = [];
let pages: Page[] = [];

const all = (seconds: number) => Promise.all(pages.map((page) => measure(page, seconds)));
const sees = (page: Page) =>
  until(async () => (await decodes(page)) === pages.length - 1, "all pictures to move", 60_000);
const rest = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** A line of the table for each page. */
function tell(name: string, fared: Fared[]): void {
  for (const [i, f] of fared.entries())
    console.log(
      `${name.padEnd(22)} ${logins[i]!.padEnd(7)} fps ${f.fps.join(" ").padEnd(9)} frozen ${f.frozen.join(" ").padEnd(12)} longest ${String(f.longest).padEnd(4)} ` +
        `height ${f.height.join(" ").padEnd(12)} target ${String(f.target).padEnd(5)} sent ${String(f.sent).padEnd(5)} made up ${f.made} %`,
    );
}

beforeAll(async () => {
  world = await World.start();
  const tone = writeTone(join(folder, "ours.wav"), 700, 48000);
  browsers = await Promise.all(logins.map(() => launch(tone, 20)));
  const room = await world.room("Lossy");
  pages = await Promise.all(
    logins.map(async (login, i) => {
      const page = await enter(browsers[i]!, world, world.user(login), { width: 1280, height: 720 });
      await tap(page);
      await page.goto(`/meetings/${room.id}`);
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByTestId("stage").waitFor();
      return page;
    }),
  );
  await Promise.all(pages.map(sees));
  await rest(10); // bandwidth estimates settle
}, 180_000);

afterAll(async () => {
  lose(0);
  for (const browser of browsers) await browser.close();
  await world?.stop();
});

it("pictures and sound while packets are lost both ways, and five seconds after", { timeout: 600_000 }, async () => {
  for (const loss of losses) {
    lose(loss);
    tell(`${loss} % lost`, await all(span));
    lose(0);
    await rest(5);
    if (loss > 0) tell(`  5 s after ${loss} %`, await all(3));
  }
});

it("one viewer with a bad line costs the others nothing", { timeout: 120_000 }, async () => {
  lose(15, await portOf(pages.at(-1)!));
  tell(`15 % for the last only`, await all(span));
  lose(0);
  await rest(5);
});

it("UDP goes and comes back, and goes for good", { timeout: 300_000 }, async () => {
  for (const gap of [5, 20]) {
    lose(100);
    await rest(gap);
    lose(0);
    const back = Date.now();
    await Promise.all(pages.map(sees));
    console.log(`UDP gone for ${gap} s: all pictures move ${((Date.now() - back) / 1000).toFixed(1)} s after`); // a look takes 1 s
    expect(Date.now() - back).toBeLessThan(60_000);
    await rest(3);
  }
  lose(100);
  const gone = Date.now();
  await rest(1.5);
  await Promise.all(pages.map(sees));
  console.log(`UDP gone for good: all pictures move ${((Date.now() - gone) / 1000).toFixed(1)} s after`);
});
