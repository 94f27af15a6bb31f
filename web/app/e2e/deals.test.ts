import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

let world: World;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  page = await enter(browser, world, world.user("maria"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

it("puts a conversation on a deal's timeline, and takes it off", async () => {
  await world.post(
    "radu@clients.example",
    world.user("maria").mailbox,
    "--subject",
    "About the deal",
    "--text",
    "Hello.",
  );
  await page.goto("/mail");
  await page.locator("[data-key]", { hasText: "About the deal" }).click();
  await page.getByRole("button", { name: "Link to a deal" }).click();
  await page.getByPlaceholder("Title of the deal").fill("Yearly");
  await page.getByRole("dialog").getByRole("button", { name: "Yearly service" }).click();
  await page.getByText("On the deal's timeline").waitFor();
  await page.getByRole("button", { name: "Yearly service", exact: true }).click();
  await page.getByTestId("timeline").getByText("About the deal").waitFor();
  if (process.env.TEAM_SHOTS) await page.screenshot({ path: `${process.env.TEAM_SHOTS}/deal.png` });
  await page.getByRole("button", { name: "Take off the deal Yearly service" }).click();
  await page.getByTestId("timeline").getByText("About the deal").waitFor({ state: "hidden" });
});
