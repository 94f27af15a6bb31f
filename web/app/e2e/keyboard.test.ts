import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything, findings } from "./axe";
import { enter, launch, settled } from "./browser";
import { dialog, pages } from "./looks";
import { World } from "./world";

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

  it("arrows and Enter walk every list, and the focus is seen", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const here = () =>
      page.evaluate(() => {
        const steps = [...document.querySelectorAll("main [data-step]")].filter((s) => !s.closest("nav"));
        const at = document.activeElement!;
        return { at: steps.indexOf(at), of: steps.length, outline: getComputedStyle(at).outlineStyle };
      });
    const walked: Record<string, number> = {};
    for (const path of pages.filter((p) => p !== "/mail?compose=")) {
      await page.goto(path);
      await page.locator("main :is(h1, h2, [data-step], input)").first().waitFor();
      await settled(page);
      const { of } = await here();
      walked[path] = of;
      if (of < 2) continue;
      await page.keyboard.press("ArrowDown");
      expect(await here(), path).toMatchObject({ at: 0, outline: "solid" });
      await page.keyboard.press("j");
      expect(await here(), path).toMatchObject({ at: 1, outline: "solid" });
      await page.keyboard.press("ArrowUp");
      expect(await here(), path).toMatchObject({ at: 0 });
    }
    const empty = Object.entries(walked).flatMap(([path, of]) => (of ? [] : [path]));
    expect(
      empty.filter(
        (p) => !["/settings/company", "/settings/integrations", "/meetings", "/calls", "/", "/mail"].includes(p),
      ),
    ).toEqual([]);
    await page.goto("/settings/telephony");
    await page.locator("main [data-step]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await page.context().close();
  });

  it("one tries who would answer a call", async () => {
    const page = await enter(browser, world, world.user("elena"));
    await page.goto("/settings/telephony");
    await page.getByLabel("Who calls").fill("+40721550001");
    await page.keyboard.press("Enter");
    const trial = page.getByTestId("route-trial");
    await trial.getByText(/The client is Radu Georgescu.*, whose calls Maria/).waitFor();
    await trial.getByText(/^1\. Rings Maria/).waitFor();
    expect(await findings(page, "body", everything)).toEqual([]);
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
