/** Pictures of the workplace, to be looked at: npm run screenshots. They go to /screenshots of the repository. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

const folder = resolve(process.env.SCREENSHOT_DIR ?? "../../screenshots");
const sizes = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
];
const pages = {
  day: "/",
  leads: "/crm/leads",
  deals: "/crm/deals",
  deals_list: "/crm/deals?view=list",
  contacts: "/crm/contacts",
  companies: "/crm/companies",
  mail: "/mail",
  compose: "/mail?compose=",
  calls: "/calls",
  meetings: "/meetings",
  company: "/settings/company",
  people: "/settings/people",
  telephony: "/settings/telephony",
  mail_settings: "/settings/mail",
  rules: "/settings/crm",
  system: "/settings/system",
};

let world: World;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  world = await World.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

const wanted = (process.env.SHOTS ?? "").split(",").filter(Boolean);

describe.each(sizes)("$width", ({ width, height }) => {
  it.each(["light", "dark"] as const)("%s", { timeout: 240_000 }, async (scheme) => {
    const language = width === 1280 ? "ru" : "en";
    const page = await enter(browser, world, world.user("elena"), { width, height, scheme, language });
    const suffix = `${width}-${scheme}`;
    for (const [name, path] of Object.entries(pages)) {
      if (wanted.length && !wanted.includes(name)) continue;
      await page.goto(path);
      await shoot(page, `${name}-${suffix}`);
    }
    await page.context().close();
  });
});
