import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, expectTone, launch } from "./browser";
import { writeTone } from "./tone";
import { World } from "./world";

const theirs = 1000; // Hz, what the client says
const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after

let world: World;
let browser: Browser;
let clientSound: string;
let prompt: string;
let elena: Page;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "frontdesk-tones-"));
  clientSound = writeTone(join(folder, "client.wav"), theirs, 8000);
  prompt = writeTone(join(folder, "prompt.wav"), 440, 8000, 1);
  world = await World.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), 700, 48000));
  elena = await enter(browser, world, world.user("elena"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** The part of the settings with this title. */
const part = (title: string) =>
  elena.locator("main section:not(:has(section))").filter({ has: elena.getByRole("heading", { name: title }) });

/** Fills in the form that a button opens, and saves it. */
async function save(button: Locator, fill: (form: Locator) => Promise<void>): Promise<void> {
  await button.click();
  const form = elena.getByRole("dialog");
  await fill(form);
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
}

/** Chooses in a list, of one or of several. */
async function choose(form: Locator, field: string, option: string): Promise<void> {
  await form
    .getByRole("combobox", { name: field })
    .or(form.getByRole("textbox", { name: field }))
    .first()
    .click({ force: true }); // what is chosen lies over the field
  await elena.getByRole("option", { name: option, exact: true }).click();
}

it("is set up by an administrator: a prompt, a queue, a menu, hours, a way out and a number; the trial tells it", async () => {
  await elena.goto("/settings/telephony");
  await save(elena.getByRole("button", { name: "Add a prompt" }), async (form) => {
    await form.getByLabel("Name").fill("Welcome");
    await form.locator("input[type=file]").setInputFiles(prompt);
  });
  await part("Prompts").getByText("Welcome").waitFor();
  await save(elena.getByRole("button", { name: "Add a queue" }), async (form) => {
    await form.getByLabel("Name").fill("Support");
    await choose(form, "Agents", "Maria Ionescu");
    await elena.keyboard.press("Tab");
  });
  await save(elena.getByRole("button", { name: "Add a voice menu" }), async (form) => {
    await form.getByLabel("Name").fill("Front");
    await choose(form, "Says", "Welcome");
    await choose(form, "Goes to", "A queue");
    await choose(form, "Queue", "Support");
  });
  await part("Voice menus").getByText("1 → The queue Support").waitFor();
  await save(elena.getByRole("button", { name: "Add working hours" }), async () => {});
  await part("Working hours").getByText("Office hours").waitFor();
  await save(elena.getByRole("button", { name: "Add a route" }), async (form) => {
    await form.getByLabel("Name").fill("Abroad");
    await choose(form, "Over these lines", "Demo carrier");
    await elena.keyboard.press("Tab");
  });
  await save(part("Numbers").getByRole("button", { name: "Edit" }).first(), async (form) => {
    await choose(form, "Goes to", "A voice menu or announcement");
    await choose(form, "Menu or announcement", "Front");
  });
  const trial = part("Who would answer?");
  await trial.getByRole("button", { name: "Try" }).click();
  await trial.getByText("Front").first().waitFor();
  await trial.getByText("Support").first().waitFor();
});

it("brings a caller through the menu into the queue, to an agent; the wallboard shows it", async () => {
  const maria = await enter(browser, world, world.user("maria"));
  await maria.goto("/calls?show=queues");
  await maria.getByRole("button", { name: "Log in" }).click();
  await maria.getByText("Waits for a call").first().waitFor();
  await elena.goto("/calls?show=queues");
  const board = elena.getByRole("region", { name: "Support" });
  await board.getByText("Waits for a call").waitFor();
  expect(await elena.getByRole("searchbox").count()).toBe(0); // it searches the history, which is not here
  const client = world.ring(radu, world.ready.numbers[0]!, clientSound, "--keys", "1");
  await board.getByText("Radu Georgescu").waitFor();
  await maria.getByTestId("incoming-call").waitFor();
  await maria.keyboard.press("Alt+a");
  await expectTone(maria, theirs);
  await board.getByText("With a caller").waitFor();
  await maria.getByRole("button", { name: "Microphone and loudspeaker" }).click();
  await maria.getByTestId("network").getByText("Lost: 0%").waitFor();
  await maria.keyboard.press("Escape");
  await maria.keyboard.press("Alt+x");
  await client.ended();
  await board.getByText("After a call").waitFor();
  await maria.context().close();
});

it("keeps what a caller says when nobody is there, to be heard in the browser", async () => {
  const { items: users } = await world.api<{ items: { id: string; name: string }[] }>("GET", "/users");
  const { items: prompts } = await world.api<{ items: { id: string }[] }>("GET", "/prompts");
  const { id } = await world.api<{ id: string }>("POST", "/voicemail-boxes", {
    name: "Office",
    users: users.filter((u) => u.name === "Elena Popescu").map((u) => u.id),
    greeting: prompts[0]!.id, // shorter than the program's
    language: "en",
    seconds: 60,
  });
  const number = world.ready.numbers[1]!;
  const { items } = await world.api<{ items: { e164: string; trunk: string }[] }>("GET", "/numbers");
  const { trunk } = items.find((n) => n.e164 === number)!;
  await world.api("PUT", `/numbers/${number}`, { trunk, destination: { kind: "voicemail", voicemail: id } });
  await world.ring(radu, number, clientSound, "--duration", "5s").ended();
  await elena.goto("/calls");
  await elena
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  const sound = elena.locator("audio[src*=voicemail]");
  await sound.waitFor({ state: "attached" }); // it has no controls of its own: the player has them
  expect(await sound.evaluate(toneIn, theirs)).toBeGreaterThan(0.5);
});

it("changes what is dialled for a feature", async () => {
  await elena.goto("/settings/telephony");
  const codes = part("Feature codes");
  await codes.getByLabel("Do not disturb: on").fill("*55");
  await codes.getByRole("button", { name: "Save" }).click();
  await elena.getByText("Saved").waitFor();
  await elena.reload();
  await expect.poll(() => codes.getByLabel("Do not disturb: on").inputValue()).toBe("*55");
});

/** Runs in the page: the share of a tone of hz in the loudest part of what an element plays, 0 to 1. */
async function toneIn(element: SVGElement | HTMLElement, hz: number): Promise<number> {
  const answer = await fetch((element as HTMLAudioElement).src);
  const context = new OfflineAudioContext(1, 1, 8000);
  const sound = (await context.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
  const part = 2000;
  let best = { energy: 0, share: 0 };
  for (let at = 0; at + part <= sound.length; at += part) {
    let [energy, sin, cos] = [0, 0, 0];
    for (let i = 0; i < part; i++) {
      const s = sound[at + i]!;
      energy += s * s;
      sin += s * Math.sin((2 * Math.PI * hz * i) / 8000);
      cos += s * Math.cos((2 * Math.PI * hz * i) / 8000);
    }
    if (energy > best.energy) best = { energy, share: (2 * (sin * sin + cos * cos)) / part / energy };
  }
  return best.share;
}
