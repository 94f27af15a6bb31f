import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, expectTone, hears, launch } from "./browser";
import { writeTone } from "./tone";
import { until, World } from "./world";

const theirs = 1000; // Hz, what the client says
const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after

let world: World;
let browser: Browser;
let clientSound: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));
  clientSound = writeTone(join(folder, "client.wav"), theirs, 8000);
  world = await World.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), 700, 48000));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const bar = (page: Page) => page.getByTestId("call-bar");
const shot = async (page: Page, name: string) => {
  if (!process.env.SHOTS) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${colorScheme}.png` });
  }
};

it("a parked call is taken by a colleague, who is not disturbed by others after that", async () => {
  const maria = await enter(browser, world, world.user("maria"));
  const andrei = await enter(browser, world, world.user("andrei"));
  await andrei.goto("/calls");
  const client = world.ring(radu, world.ready.numbers[0]!, clientSound);
  await maria
    .getByTestId("incoming-call")
    .getByRole("button", { name: /Answer/ })
    .waitFor();
  await maria.keyboard.press("Alt+a");
  await bar(maria).getByRole("button", { name: "Park" }).waitFor();
  await expectTone(maria, theirs);
  await shot(maria, "talking");
  await bar(maria).getByRole("button", { name: "Park" }).click();
  await maria.getByText("Parked: 1. Anybody can take the call, under Calls.").waitFor();
  await expect.poll(() => bar(maria).count()).toBe(0);

  await andrei.getByText("Parked: 1", { exact: true }).waitFor();
  await shot(andrei, "parked");
  await andrei.getByRole("button", { name: /Take the call of/ }).click();
  await expectTone(andrei, theirs);
  await expect.poll(() => andrei.getByText("Parked: 1", { exact: true }).count()).toBe(0);
  await andrei.keyboard.press("Alt+x");
  await client.ended();
  expect(client.heard).toBeGreaterThan(-40);

  await andrei.getByRole("button", { name: "Your menu" }).click();
  await andrei.getByRole("menuitem", { name: "Do not disturb" }).click();
  await andrei.locator("header").getByText("Do not disturb").waitFor();
  await andrei.getByRole("button", { name: "Your menu" }).click();
  await andrei.getByRole("menuitem", { name: "Calls to you" }).click();
  const form = andrei.getByRole("dialog");
  expect(await form.getByLabel("Do not disturb").isChecked()).toBe(true);
  await form
    .getByRole("combobox", { name: "When not answered" })
    .or(form.getByLabel("When not answered"))
    .first()
    .click();
  await andrei.getByRole("option", { name: "To a number outside" }).click();
  await form.getByLabel("When not answered: number").fill("0722 000 111");
  await form.getByLabel("Ring only in certain hours").check({ force: true });
  await shot(andrei, "handling");
  await form.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => form.count()).toBe(0);
});

it("a second call comes while talking: one waits, they are swapped by a key, and all talk together by a button", async () => {
  const { items: users } = await world.api<{ items: { id: string; login: string }[] }>("GET", "/users");
  const id = users.find((u) => u.login === "maria")!.id;
  await world.api("PUT", `/users/${id}/call-handling`, { dnd: false, waiting: true });
  const maria = await enter(browser, world, world.user("maria"));
  const other = 1700; // Hz
  const first = world.ring(radu, world.ready.numbers[0]!, clientSound, "--duration", "90s");
  await maria.getByTestId("incoming-call").waitFor();
  await maria.keyboard.press("Alt+a");
  await expectTone(maria, theirs);
  const wav = writeTone(join(mkdtempSync(join(tmpdir(), "frontdesk-tones-")), "other.wav"), other, 8000);
  const second = world.ring(radu, world.ready.numbers[0]!, wav, "--duration", "90s");
  await maria.getByTestId("incoming-call").waitFor();
  await maria.keyboard.press("Alt+a");
  await expectTone(maria, other);
  await maria.keyboard.press("Alt+s");
  await expectTone(maria, theirs);
  await shot(maria, "two-calls");
  await maria.getByRole("button", { name: "Swap calls" }).click();
  await expectTone(maria, other);
  await maria.getByRole("button", { name: "All talk together" }).first().click();
  const both = async () => {
    for (const hz of [theirs, other]) if ((await hears(maria, hz, 800)).share < 0.2) return false;
    return true;
  };
  await until(both, "both clients at once", 20_000);
  await bar(maria).getByText("and 1 more").waitFor();
  await maria.keyboard.press("Alt+x");
  await Promise.all([first.hangUp(), second.hangUp()]);
  await maria.context().close();
});
