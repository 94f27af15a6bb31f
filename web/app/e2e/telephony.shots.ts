/** Pictures of the telephony settings and each of their dialogs, to be looked at: npm run screenshots. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { enter, launch, settled } from "./browser";
import { World } from "./world";

const folder = resolve(process.env.SCREENSHOT_DIR ?? "../../screenshots");
const sizes = [
  { width: 1440, height: 900, language: "en" },
  { width: 1280, height: 720, language: "ru" },
  { width: 390, height: 844, language: "en" },
];

let world: World;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  world = await World.start();
  browser = await launch();
  await furnish();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** One of each thing that telephony knows. */
async function furnish(): Promise<void> {
  const { items: people } = await world.api<{ items: { id: string }[] }>("GET", "/users");
  const users = people.map((u) => u.id);
  const agents = users.slice(1, 4);
  const schedule = await world.api<{ id: string }>("POST", "/schedules", {
    name: "Office hours",
    zone: "Europe/Bucharest",
    hours: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "18:00" }],
    holidays: [{ name: "New Year", date: "2027-01-01" }],
  });
  await world.api("POST", "/hunt-groups", { name: "Sales", strategy: "together", members: agents, seconds: 20 });
  const queue = await world.api<{ id: string }>("POST", "/queues", {
    name: "Support",
    strategy: "longest_idle",
    agents,
    seconds: 20,
    wrap_up: 10,
    priority: 0,
    max_waiting: 0,
    max_wait: 600,
    leads: {},
  });
  const box = await world.api<{ id: string }>("POST", "/voicemail-boxes", {
    name: "Office",
    users: agents,
    greeting: "",
    language: "en",
    seconds: 180,
  });
  const { items } = await world.api<{ items: { e164: string; trunk: string }[] }>("GET", "/numbers");
  await world.api("PUT", `/numbers/${items[0]!.e164}`, {
    trunk: items[0]!.trunk,
    destination: { kind: "queue", queue: queue.id },
    schedule: schedule.id,
    closed: { kind: "voicemail", voicemail: box.id },
  });
}

const shoot = async (page: Page, name: string) => {
  await settled(page);
  await page.screenshot({ path: `${folder}/telephony_${name}.png` });
};

/** The dialog that a button opens. */
async function open(page: Page, button: Locator, name: string): Promise<void> {
  await button.click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await shoot(page, name);
  await dialog.locator("header button").click({ force: true });
  await dialog.waitFor({ state: "detached" });
}

describe.each(sizes)("$width", ({ width, height, language }) => {
  it.each(["light", "dark"] as const)("%s", { timeout: 240_000 }, async (scheme) => {
    const page = await enter(browser, world, world.user("elena"), { width, height, scheme, language });
    const suffix = `${width}-${scheme}`;
    await page.goto("/settings/telephony");
    await settled(page);
    await page.setViewportSize({ width, height: 4000 });
    await shoot(page, `all-${suffix}`);
    await page.setViewportSize({ width, height });
    const sections = page.locator("main section:not(:has(section))");
    for (let at = 0; at < (await sections.count()); at++) {
      const head = sections.nth(at).locator("> div:first-child button");
      for (let nth = 0; nth < (await head.count()); nth++) await open(page, head.nth(nth), `${at}_add${nth}-${suffix}`);
      const edit = sections.nth(at).locator("[data-open]").first();
      if (await edit.count()) await open(page, edit, `${at}_edit-${suffix}`);
    }
    await page.context().close();
  });
});
