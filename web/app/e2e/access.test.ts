import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, online, settled } from "./browser";
import { Looks, pages } from "./looks";
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

it("axe finds nothing on any page", async () => {
  for (const path of pages) {
    await page.goto(path);
    await page.locator("main :is(h1, h2, [data-step], input)").first().waitFor();
    await settled(page);
    await looks.at(path);
  }
  await page.goto("/crm/contacts");
  await page.getByRole("row").getByText("Radu Georgescu").click();
  await page.getByTestId("timeline").waitFor();
  await looks.at("card");
  await page.getByTestId("card").getByRole("button", { name: "Open full" }).click();
  await page.waitForURL(/contacts\/./);
  await looks.at("record");
  const room = await world.api<{ id: string }>("POST", "/meetings", { title: "Axe" });
  await page.goto(`/meetings/${room.id}`);
  await page.locator("main button").last().waitFor();
  await looks.at("door");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByTestId("stage").waitFor();
  await page.getByRole("button", { name: "Microphone, camera and loudspeaker" }).click();
  await page.getByRole("combobox", { name: "Camera" }).waitFor();
  await looks.at("stage with its devices");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Leave" }).click();
  expect(looks.wrong).toEqual({});
});

it("axe finds nothing on what My day tells an administrator", async () => {
  const line = { kind: "carrier", host: "127.0.0.1:9", transport: "udp", register: false, active: true };
  await world.api("POST", "/trunks", { name: "Without a number", ...line });
  type Rule = { id: string; name: string; active: boolean; when: unknown; then: unknown };
  const { items } = await world.api<{ items: Rule[] }>("GET", "/rules");
  const [{ id, ...rule }] = items.map(({ id, name, when, then }) => ({ id, name, when, then })) as [Rule];
  await world.api("PUT", `/rules/${id}`, { ...rule, active: false }); // the last one is for nobody
  await page.goto("/");
  await page.getByText("Calls over Without a number ring nobody").waitFor();
  await page.getByText("New clients ring nobody yet").waitFor();
  await looks.at("notices");
  await world.api("PUT", `/rules/${id}`, { ...rule, active: true });
  expect(looks.wrong).toEqual({});
});

it("axe finds nothing on a call, from calling to a transfer in vain", async () => {
  await page.goto("/calls");
  await online(page);
  await page.keyboard.press("d");
  await page.keyboard.type("+40733000111");
  await page.keyboard.press("Enter");
  const bar = page.getByTestId("call-bar");
  await bar.getByRole("timer").waitFor();
  await looks.at("call");
  for (const tool of ["Keypad", "Microphone and loudspeaker", "Transfer"]) {
    await bar.getByRole("button", { name: tool }).click();
    await page.locator("[role=dialog]").waitFor();
    await looks.at(tool);
    if (tool !== "Transfer") await page.keyboard.press("Escape");
  }
  await page.keyboard.type(world.user("olga").extension); // she is not there
  await page.keyboard.press("Enter");
  await bar.getByText("Not transferred to Olga Petrova").waitFor();
  await looks.at("transfer in vain");
  await page.keyboard.press("Alt+h");
  await bar.getByText("On hold").waitFor();
  await looks.at("hold");
  await page.keyboard.press("Alt+x");
  await expect.poll(() => bar.count()).toBe(0);
  expect(looks.wrong).toEqual({});
});
