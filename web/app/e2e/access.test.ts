import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

type Finding = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };

/** What axe finds wrong with the page, in a line each. The frames of mails are their writers'. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe); // not a script tag: the page's policy forbids those
  const found = await page.evaluate(async () => {
    const { axe } = window as never as { axe: { run: (c: unknown, o: unknown) => Promise<{ violations: Finding[] }> } };
    return (await axe.run({ exclude: ["iframe"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] })).violations;
  });
  return found.flatMap((v) =>
    v.nodes.map((n) => `${v.id} ${n.target.join(" ")}: ${n.failureSummary.split("\n")[1]?.trim()}`),
  );
}

const pages = [
  "/",
  "/crm/leads",
  "/crm/deals",
  "/crm/contacts",
  "/mail",
  "/mail?compose=",
  "/calls",
  "/meetings",
  "/settings/people",
  "/settings/telephony",
  "/settings/crm",
  "/settings/system",
];

describe.each(["light", "dark"] as const)("in the %s theme", (scheme) => {
  it("axe finds nothing on the main pages, nor on a card", async () => {
    const page = await enter(browser, world, world.user("elena"), { scheme });
    const wrong: Record<string, string[]> = {};
    for (const path of pages) {
      await page.goto(path);
      await page.waitForTimeout(500);
      wrong[path] = await findings(page);
    }
    await page.goto("/crm/contacts");
    await page.getByRole("row").getByText("Radu Georgescu").click();
    await page.getByTestId("timeline").waitFor();
    wrong.card = await findings(page);
    expect(Object.fromEntries(Object.entries(wrong).filter(([, f]) => f.length))).toEqual({});
    await page.context().close();
  });
});

describe("by keyboard alone", () => {
  it("one goes everywhere, and sees where the focus is", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const goes = async (keys: string[], path: string) => {
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForURL((url) => url.pathname === path);
    };
    await goes(["g", "c"], "/crm/contacts");
    await goes(["g", "m"], "/mail");
    await goes(["g", "d"], "/crm/deals");
    await goes(["g", "h"], "/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).not.toBe("none");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await page.context().close();
  });

  it("one opens a card from a list, and moves a deal and takes it back", async () => {
    const page = await enter(browser, world, world.user("elena"));
    await page.goto("/crm/contacts");
    await page.getByRole("row").nth(1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("card-name").waitFor();

    await page.goto("/crm/deals");
    const lane = (name: string) => page.getByRole("region", { name });
    const deal = page.getByTestId("deal").filter({ hasText: "Trial order" });
    await deal.waitFor();
    await lane("New").getByText("Trial order").waitFor();
    const head = () => lane("New").locator("header").textContent(); // its name, number and sum
    const before = await head();
    await deal.focus();
    await page.keyboard.press("Shift+ArrowRight");
    await lane("Qualified").getByText("Trial order").waitFor();
    await expect.poll(head).not.toBe(before);
    await page.getByRole("button", { name: "Undo" }).click();
    await lane("New").getByText("Trial order").waitFor();
    await expect.poll(head).toBe(before);
    await page.context().close();
  });

  it("one makes a lead and turns it into a contact with a deal", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const name = `Doina ${Date.now()}`;
    await page.keyboard.press("Control+k");
    await page.keyboard.type("new lead");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New lead" }).locator("input:focus").waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByTestId("card-name").textContent()).toBe(name);
    await page.getByRole("button", { name: "Convert" }).press("Enter");
    await page.getByRole("textbox", { name: "Title" }).fill("First order");
    await page.keyboard.press("Enter");
    await page.getByTestId("card").getByText("First order").waitFor();
    await page.context().close();
  });
});
