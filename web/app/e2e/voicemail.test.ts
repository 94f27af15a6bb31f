import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, settled } from "./browser";
import { writeTone } from "./tone";
import { World } from "./world";

const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after

let world: World;
let browser: Browser;
let sound: string;
let mariasID: string;

beforeAll(async () => {
  sound = writeTone(join(mkdtempSync(join(tmpdir(), "frontdesk-tones-")), "client.wav"), 440, 8000);
  world = await World.start();
  browser = await launch();
  const { items: people } = await world.api<{ items: { id: string; login: string }[] }>("GET", "/users");
  mariasID = people.find((p) => p.login === "maria")!.id;
  const box = await world.api<{ id: string }>("POST", "/voicemail-boxes", {
    name: "Sales",
    users: [mariasID],
    language: "en",
  });
  const { items: trunks } = await world.api<{ items: { id: string }[] }>("GET", "/trunks");
  await world.api("PUT", `/numbers/${world.ready.numbers[1]}`, {
    trunk: trunks[0]!.id,
    destination: { kind: "voicemail", voicemail: box.id },
  });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const shot = async (page: Page, name: string) => {
  if (!process.env.SHOTS) return;
  for (const [colorScheme, width, height] of [
    ["light", 1280, 800],
    ["dark", 390, 800],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${colorScheme}.png` });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
};

it("a message is counted on every page until it is heard, stands with its client, and may be deleted", async () => {
  const maria = await enter(browser, world, world.user("maria"));
  await maria.goto("/calls?show=messages");
  await maria.getByText("No voice messages").waitFor();
  const caller = world.ring(radu, world.ready.numbers[1]!, sound, "--keys", "*", "--duration", "6s");
  await caller.ended();

  const count = maria.getByRole("status", { name: "1 new voice message" });
  await count.waitFor();
  const message = maria.getByTestId("voice-message");
  await message.getByText("Radu Georgescu").waitFor();
  await settled(maria);
  await shot(maria, "messages");
  await message.getByRole("button", { name: "Play the recording" }).click();
  await expect.poll(() => count.count()).toBe(0);
  await expect
    .poll(() => maria.evaluate(() => document.querySelector("audio")!.currentTime), { timeout: 10_000 })
    .toBeGreaterThan(0.3);

  await maria.goto("/calls");
  await maria
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  await maria.getByTestId("message").waitFor();
  await shot(maria, "history");

  await maria.goto("/calls?show=messages");
  await message.getByRole("button", { name: "Delete the message" }).click();
  await maria.getByText("No voice messages").waitFor();
});

it("calls that are not answered go to one's voicemail when one says so", async () => {
  const maria = await enter(browser, world, world.user("maria"));
  await maria.getByRole("button", { name: "Your menu" }).click();
  await maria.getByRole("menuitem", { name: "Calls to you" }).click();
  await maria.getByRole("combobox", { name: "When not answered" }).click();
  await maria.getByRole("option", { name: "To voicemail" }).click();
  await maria.getByRole("combobox", { name: "When not answered: voicemail box" }).click();
  await maria.getByRole("option", { name: "Sales" }).click();
  await shot(maria, "handling");
  await maria.getByRole("button", { name: "Save" }).click();
  const handling = () =>
    world
      .api<{ no_answer?: { kind: string } }>("GET", `/users/${mariasID}/call-handling`)
      .then((h) => h.no_answer?.kind);
  await expect.poll(handling).toBe("voicemail");
});
