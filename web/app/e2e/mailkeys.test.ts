import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let world: World;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  page = await enter(browser, world, world.user("andrei"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const line = (text: string) => page.locator("[data-key]", { hasText: text });
const heading = (text: string) => page.getByRole("heading", { name: text, exact: true });

async function came(subject: string, ...more: string[]): Promise<void> {
  await world.post("keys@clients.example", world.user("andrei").mailbox, "--subject", subject, ...more);
  await line(subject).waitFor();
}

it("finds, picks, labels, archives and forwards from the keyboard alone", async () => {
  await page.goto("/mail");
  for (const subject of ["Keys one", "Keys two", "Keys three"])
    await came(subject, "--text", `About turbines: ${subject}.`);
  await page.keyboard.press("/");
  await page.keyboard.type("turb from:keys");
  await expect.poll(() => page.locator("[data-key]").count()).toBe(3);
  await page.keyboard.press("Escape");
  await line("Keys three").focus();
  await page.keyboard.press("x");
  await page.keyboard.press("x");
  await page.getByText("2 picked").waitFor();
  await page.keyboard.press("l");
  await page.getByRole("dialog").locator("input:focus").waitFor();
  await page.keyboard.type("Hot offer");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).press("Enter");
  await expect.poll(() => page.locator("[data-key]").getByText("Hot offer").count()).toBe(2);
  await page.keyboard.press("e");
  await page.getByText("Mail moved").waitFor();
  await page.goto("/mail");
  await line("Keys one").waitFor();
  expect(await line("Keys two").count()).toBe(0);
  await page.goto("/mail?q=label:%22Hot%20offer%22");
  await expect.poll(() => page.locator("[data-key]").count()).toBe(2);
  await line("Keys two").focus();
  await page.keyboard.press("f");
  await heading("Keys two").waitFor();
  const subject = page.getByTestId("composer").getByRole("textbox", { name: "Subject" });
  await expect.poll(() => subject.inputValue()).toBe("Fwd: Keys two");
  await page
    .getByTestId("composer")
    .frameLocator('iframe[title="Forwarded mail"]')
    .getByText("About turbines")
    .waitFor();
});

it("shows its keys, and has nothing that axe finds", async () => {
  await page.goto("/mail?q=turbines");
  await line("Keys two").waitFor();
  await line("Keys two").focus();
  await page.keyboard.press("x");
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Move to a folder").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = window as never as {
      axe: { run: (c: unknown, o: unknown) => Promise<{ violations: { id: string }[] }> };
    };
    return (await axe.run({ include: "main", exclude: ["iframe"] }, { runOnly: ["wcag2a", "wcag2aa"] })).violations.map(
      (v) => v.id,
    );
  });
  expect(found).toEqual([]);
});
