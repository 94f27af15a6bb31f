import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, settled } from "./browser";
import { dialog, Looks, pages } from "./looks";
import { World } from "./world";

let world: World;
let browser: Browser;
let page: Page;
let looks: Looks;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  page = await enter(browser, world, world.user("elena"));
  looks = new Looks(page);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** Opens each dialog of a page of settings in turn: what can be added, and the first thing of each list. */
async function eachDialog(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const openers = page.locator(
    "main section > div:first-child > button:enabled, main li:first-child > [data-open]:not([aria-expanded])",
  );
  for (let i = 0; i < (await openers.count()); i++) {
    const opener = openers.nth(i);
    const name = (await opener.textContent()) ?? "";
    await opener.click();
    await dialog(page).waitFor();
    await look(`${new URL(page.url()).pathname} ${i} ${name}`);
    const list = dialog(page).locator("[aria-expanded=true][aria-haspopup=listbox]");
    if (await list.count()) await page.keyboard.press("Escape"); // closes the list alone
    await expect.poll(() => list.count()).toBe(0);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  }
}

it("axe finds nothing on any dialog", { timeout: 360_000 }, async () => {
  const shown = async (name: string) => {
    await dialog(page).first().waitFor();
    await settled(page);
    await looks.at(name, "[role=dialog]");
    await page.keyboard.press("Escape");
    await dialog(page).first().waitFor({ state: "detached" });
  };
  await page.goto("/crm/leads");
  await page.getByRole("row").first().waitFor();
  await page.keyboard.press("?");
  await shown("keys");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("georgescu");
  await dialog(page).getByRole("button", { name: "Radu Georgescu" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.locator("[data-selected=true]").getByText("Radu Georgescu").waitFor();
  await shown("palette with what is found");
  for (const kind of ["lead", "deal", "contact", "company"]) {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(`new ${kind}`);
    await looks.at("palette");
    await page.keyboard.press("Enter");
    await dialog(page).locator("input:focus").waitFor();
    await shown(`new ${kind}`);
  }
  const lead = await world.api<{ id: string }>("POST", "/leads", {
    title: "Axe",
    phones: ["+40721550001"],
  });
  await page.goto(`/crm/leads/${lead.id}`);
  await page.getByRole("button", { name: "Convert" }).click();
  await dialog(page).getByText("Use this contact").waitFor(); // somebody has the number
  await shown("convert");
  for (const form of ["Note", "Task"]) {
    await page.getByRole("button", { name: form, exact: true }).click();
    await looks.at(form);
  }
  await page.locator("header").getByRole("button", { name: "Your menu" }).click();
  await page.getByRole("menu").waitFor();
  await looks.at("menu");
  await page.getByRole("menuitem", { name: "Your account" }).click();
  await shown("account");
  for (const path of pages.filter((p) => p.startsWith("/settings"))) {
    await page.goto(path);
    await page.locator("main section").first().waitFor();
    await eachDialog(page, (name) => looks.at(name, "[role=dialog]"));
  }
  const { items } = await world.api<{ items: { id: string }[] }>("GET", "/users");
  await world.api("POST", "/devices", { user: items[0]!.id, label: "Reception" });
  await page.goto("/settings/telephony");
  await page.getByRole("button", { name: "New password" }).first().click();
  await page.getByRole("button", { name: "End the old password" }).click();
  await dialog(page).getByText("The password is shown only now.").waitFor();
  await shown("a phone's new password");
  expect(looks.wrong).toEqual({});
});
