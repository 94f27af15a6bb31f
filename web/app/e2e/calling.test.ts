import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, online } from "./browser";
import { until, World } from "./world";

let world: World;
let browser: Browser;
let maria: Page;
let andrei: Page;
let list: string;
const names = ["Ada Unu", "Bela Doi", "Cora Trei"];

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  const { items } = await world.api<{ items: { id: string; login: string }[] }>("GET", "/users");
  const ids = ["maria", "andrei"].map((login) => items.find((u) => u.login === login)!.id);
  for (const id of ids) await world.api("PATCH", `/users/${id}`, { access: "all" });
  for (const [i, name] of names.entries())
    await world.api("POST", "/contacts", { name, responsible: ids[0], phones: [`+4073355010${i}`] });
  maria = await enter(browser, world, world.user("maria"));
  andrei = await enter(browser, world, world.user("andrei"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const shot = async (page: Page, name: string) => {
  if (!process.env.SHOTS) return;
  for (const [width, height, colorScheme] of [
    [1440, 900, "light"],
    [1280, 720, "dark"],
    [390, 844, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}-${colorScheme}.png` });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
};

/** Dials on a fresh page, once it takes keys. */
const dials = async (page: Page, number: string) => {
  await page.goto("/");
  await online(page);
  await page.keyboard.press("d");
  await page.keyboard.type(number);
  await page.keyboard.press("Enter");
};

const toCall = (page: Page) => page.getByTestId("to-call");
const outcome = (page: Page, name: string | RegExp) =>
  page.getByRole("group", { name: "What came of it" }).getByRole("button", { name });

it("contacts are picked and put on a new calling list, which a colleague works, too", async () => {
  await maria.goto("/crm/contacts");
  for (const name of names) await maria.getByRole("checkbox", { name: `Select ${name}` }).check();
  await maria.getByRole("button", { name: "Calling list…" }).click();
  await maria.getByRole("menuitem", { name: "New calling list" }).click();
  await maria.getByRole("textbox", { name: "Name" }).fill("Autumn");
  await maria.getByRole("combobox", { name: "Who calls" }).click();
  await maria.getByRole("option", { name: /Andrei/ }).click();
  await maria.keyboard.press("Escape");
  await shot(maria, "calling-new");
  await maria.getByRole("button", { name: "Save" }).click();
  await maria.getByText("On “Autumn”: 3 more").waitFor();
  const { items } = await world.api<{ items: { id: string }[] }>("GET", "/calling-lists");
  list = items[0]!.id;
});

it("two agents get a client each with his card; one key calls, and what came of it brings the next", async () => {
  await maria.goto("/calls?show=lists");
  await maria.getByText("3 of 3 left").waitFor();
  await shot(maria, "calling-lists");
  for (const page of [maria, andrei]) await page.goto(`/calls?show=lists&list=${list}`);
  await Promise.all([maria, andrei].map((page) => toCall(page).waitFor()));
  const [hers, his] = [await toCall(maria).textContent(), await toCall(andrei).textContent()];
  expect(new Set([hers, his]).size).toBe(2);
  await expect.poll(() => maria.getByTestId("card-name").textContent()).toBe(hers);
  await shot(maria, "calling-preview");
  await maria.keyboard.press("n");
  await maria.getByTestId("call-bar").getByRole("button", { name: "Mute" }).waitFor();
  await maria.getByRole("region", { name: "Client to call" }).getByText("In a call").waitFor();
  await expect.poll(() => outcome(maria, /Done/).isDisabled()).toBe(true);
  await until(
    async () => (await maria.getByTestId("call-bar").locator('[data-state="answered"]').count()) > 0,
    "the answer",
  );
  await maria.keyboard.press("Alt+x");
  await maria.getByText("You spoke. What came of it?").waitFor();
  await shot(maria, "calling-said");
  await maria.keyboard.press("1");
  await expect.poll(() => toCall(maria).textContent()).not.toBe(hers);
  expect(await toCall(maria).textContent()).not.toBe(his);
  await outcome(andrei, "Asked not to be called").click();
  await andrei.getByText("Nobody is to be called now").waitFor();
  await outcome(maria, "Call again…").click();
  await maria
    .getByRole("button", { name: /Tomorrow/ })
    .first()
    .click();
  await maria.getByText("Nobody is to be called now").waitFor();
  await maria.getByRole("button", { name: "All lists" }).click();
  await maria.getByText("1 of 3 left · 3 reached · 1 done · 1 later · 1 not to be called").waitFor();
  await shot(maria, "calling-progress");
});

it("a number that asked not to be called is asked about when it is dialled, and not called where the company says so", async () => {
  const { items } = await world.api<{ items: { number: string }[] }>("GET", "/do-not-call");
  expect(items).toHaveLength(1);
  const number = items[0]!.number;
  await dials(maria, number);
  const dialog = maria.getByRole("dialog", { name: /asked not to be called/ });
  await dialog.getByText(/Andrei/).waitFor();
  expect(await maria.getByTestId("call-bar").count()).toBe(0);
  await shot(maria, "calling-unwanted");
  await dialog.getByRole("button", { name: "Call all the same" }).click();
  await maria.getByTestId("call-bar").getByRole("button", { name: "Mute" }).waitFor();
  await maria.keyboard.press("Alt+x");
  await expect.poll(() => maria.getByTestId("call-bar").count()).toBe(0);
  await world.api("PUT", "/do-not-call/by-hand", { by_hand: "refuse" });
  await dials(maria, number);
  await dialog.getByText("Your company does not call such numbers.").waitFor();
  expect(await dialog.getByRole("button", { name: "Call all the same" }).count()).toBe(0);
});

it("an administrator sees the numbers in the settings", async () => {
  if (!process.env.SHOTS) return;
  const elena = await enter(browser, world, world.user("elena"));
  await elena.goto("/settings/telephony#do-not-call");
  await elena.getByText("When somebody dials such a number").waitFor();
  await shot(elena, "calling-settings");
});
