import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, expectTone, hears, launch } from "./browser";
import { writeTone } from "./tone";
import { until, World } from "./world";

const theirs = 1000; // Hz, what the client says
const marias = 700;
const elenas = 1500;
const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after

let world: World;
let browsers: Browser[];
let clientSound: string;
let elena: Page;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));
  clientSound = writeTone(join(folder, "client.wav"), theirs, 8000);
  world = await World.start();
  browsers = await Promise.all(
    [marias, elenas, 0].map((hz) => launch(writeTone(join(folder, `${hz}.wav`), hz, 48000))),
  );
  elena = await enter(browsers[1]!, world, world.user("elena"));
});
afterAll(async () => {
  await Promise.all(browsers?.map((b) => b.close()) ?? []);
  await world?.stop();
});

/** Whether a page hears all of some tones at once. */
const hearsAll = async (page: Page, ...tones: number[]) => {
  for (const hz of tones) if ((await hears(page, hz, 800)).share < 0.2) return false;
  return true;
};

const shot = async (page: Page, name: string) => {
  if (!process.env.SHOTS) return;
  for (const [width, height, colorScheme] of [
    [1280, 800, "light"],
    [390, 800, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${colorScheme}.png` });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
};

it("an administrator listens in on a call and hears both; the agent sees it, and both go on hearing each other", async () => {
  const maria = await enter(browsers[0]!, world, world.user("maria"));
  const client = world.ring(radu, world.ready.numbers[0]!, clientSound, "--duration", "60s");
  await maria.getByTestId("incoming-call").waitFor();
  await maria.keyboard.press("Alt+a");
  await expectTone(maria, theirs);
  await elena.goto("/calls?show=running");
  await elena.getByRole("button", { name: "Listen in on Maria Ionescu – Radu Georgescu" }).waitFor();
  await shot(elena, "running");
  await elena.getByRole("button", { name: "Listen in on Maria Ionescu – Radu Georgescu" }).click();
  await elena.getByTestId("supervising").waitFor();
  await until(() => hearsAll(elena, theirs, marias), "both sides at the supervisor", 20_000);
  await maria.getByText("Elena Popescu listens").waitFor();
  await shot(elena, "supervising");
  await shot(maria, "overheard");
  await expectTone(maria, theirs);
  await elena.getByRole("button", { name: "Leave" }).click();
  await maria.getByText("Elena Popescu listens").waitFor({ state: "detached" });
  await expect.poll(() => elena.getByTestId("supervising").count()).toBe(0);
  await expectTone(maria, theirs);
  await maria.keyboard.press("Alt+x");
  await client.ended();
  await elena.goto("/calls");
  await elena
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  await elena.getByText("Listened in: Elena Popescu (Only listen)").waitFor();
  await maria.context().close();
});

it("whispers to the agent alone; who barges in the client hears", async () => {
  const number = world.ready.numbers[1]!;
  const { items } = await world.api<{ items: { e164: string; trunk: string }[] }>("GET", "/numbers");
  const { items: users } = await world.api<{ items: { id: string; login: string }[] }>("GET", "/users");
  const { trunk } = items.find((n) => n.e164 === number)!;
  const destination = { kind: "user", user: users.find((u) => u.login === "andrei")!.id };
  await world.api("PUT", `/numbers/${number}`, { trunk, destination });
  const andrei = await enter(browsers[2]!, world, world.user("andrei")); // who says nothing
  const supervised = async (how: "w" | "b") => {
    const client = world.ring(radu, number, clientSound, "--duration", "60s");
    await andrei.getByTestId("incoming-call").waitFor();
    await andrei.keyboard.press("Alt+a");
    await elena.goto("/calls?show=running");
    await elena.getByRole("button", { name: /^Listen in on Andrei/ }).click();
    await elena.getByTestId("supervising").waitFor();
    await elena.keyboard.press(`Alt+${how}`);
    await until(() => hearsAll(andrei, theirs, elenas), "the supervisor and the client at the agent", 20_000);
    await andrei.keyboard.press("Alt+x");
    await client.ended();
    return client.heard;
  };
  expect(await supervised("w")).toBeLessThan(-60);
  expect(await supervised("b")).toBeGreaterThan(-40);
  await andrei.context().close();
});
