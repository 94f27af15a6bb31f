import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodes, enter, launch } from "./browser";
import { until, World } from "./world";

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

const people = (page: Page) => page.getByTestId("tile").count();
const sees = (page: Page, count: number) =>
  until(async () => (await decodes(page)) === count, `${count} moving pictures`, 30_000);

it("four people see each other; one leaves and comes back; one is invited with a click", {
  timeout: 240_000,
}, async () => {
  const [maria, andrei, ion, elena] = await Promise.all(
    ["maria", "andrei", "ion", "elena"].map((login) =>
      enter(browser, world, world.user(login), { width: 900, height: 620 }),
    ),
  );
  await maria!.goto("/meetings");
  await maria!.getByRole("textbox", { name: "Title of the meeting" }).fill("Monday round");
  await maria!.getByRole("button", { name: "Start now" }).click();
  await maria!.getByRole("button", { name: "Join" }).click();
  await maria!.getByTestId("stage").waitFor();
  const address = maria!.url();
  for (const page of [andrei!, ion!]) {
    await page.goto(address);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByTestId("stage").waitFor();
  }

  await maria!.getByRole("button", { name: "People" }).click();
  await maria!.getByRole("button", { name: "Invite Elena Popescu" }).click();
  await elena!
    .getByTestId("incoming-meeting")
    .getByRole("button", { name: /Answer/ })
    .click();
  await elena!.getByTestId("stage").waitFor();

  const all = [maria!, andrei!, ion!, elena!];
  await Promise.all(all.map((page) => sees(page, 3)));

  await andrei!.getByRole("button", { name: "Turn the camera off" }).click();
  await until(async () => (await decodes(maria!)) === 2, "two pictures while one camera is off", 15_000);
  await andrei!.getByRole("button", { name: "Turn the camera on" }).click();
  await sees(maria!, 3);

  await ion!.getByRole("button", { name: "Mute", exact: true }).click();
  await maria!.getByTestId("tile").getByLabel("Muted").waitFor();

  await elena!.getByRole("button", { name: "Leave" }).click();
  await expect.poll(() => people(maria!)).toBe(3);
  await elena!.getByRole("button", { name: "Join" }).click();
  await sees(elena!, 3);
  await sees(maria!, 3);

  await andrei!.reload();
  await andrei!.getByTestId("stage").waitFor();
  await Promise.all([sees(andrei!, 3), sees(maria!, 3)]);
});
