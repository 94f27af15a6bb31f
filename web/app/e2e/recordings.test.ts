import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { everything, findings } from "./axe";
import { enter, launch, settled } from "./browser";
import { writeTone } from "./tone";
import { World } from "./world";

const radu = "+40721550001"; // of the demo: Radu Georgescu, whom maria looks after
const said = "telephone delivery twenty";
const grammar = `#JSGF V1.0;
grammar phone;
public <said> = ( invoice | computer | tomorrow | saturday | elephant | seven | twenty | delivery | telephone | president )+;
`;
const run = promisify(execFile);
const there = (program: string) => spawnSync("which", [program]).status === 0;

let world: World;
let browser: Browser;
let folder: string;
let recogniser: Server;
let address: string;
let maria: Page;

/** A small real recogniser behind the API of OpenAI. */
function recognises(): Server {
  let files = 0;
  writeFileSync(join(folder, "words.gram"), grammar);
  return createServer(async (asked, answer) => {
    const body = await new Response(asked as never, {
      headers: { "Content-Type": asked.headers["content-type"] ?? "" },
    }).formData();
    const wav = join(folder, `asked-${files++}.wav`);
    writeFileSync(wav, Buffer.from(await (body.get("file") as File).arrayBuffer()));
    const { stdout } = await run("pocketsphinx_continuous", [
      ...["-infile", wav, "-jsgf", join(folder, "words.gram"), "-logfn", "/dev/null"],
    ]);
    answer.setHeader("Content-Type", "application/json");
    answer.end(JSON.stringify({ text: stdout.trim().split("\n").join(" ") }));
  });
}

/** What espeak-ng says, then silence, as a phone of 16 kHz sends it. */
async function spoken(text: string): Promise<string> {
  const [raw, wav] = [join(folder, "raw.wav"), join(folder, "spoken.wav")];
  await run("espeak-ng", ["-v", "en-us", "-s", "120", "-w", raw, text]);
  await run("sox", [raw, "-r", "16000", "-c", "1", "-b", "16", wav, "gain", "-n", "-8", "pad", "0.5", "2"]);
  return wav;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "frontdesk-words-"));
  recogniser = recognises();
  await new Promise<void>((up) => recogniser.listen(0, "127.0.0.1", up));
  address = `http://127.0.0.1:${(recogniser.address() as AddressInfo).port}/v1`;
  world = await World.start();
  browser = await launch(writeTone(join(folder, "ours.wav"), 700, 48000));
  await world.api("PUT", "/telephony/recording", { days: 30, rules: [{ record: "always" }] });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
  recogniser?.close();
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
  await page.emulateMedia({ colorScheme: "light" });
};

it("an administrator names a recogniser, reached by the part of the page, and tries it", async (t) => {
  if (!there("pocketsphinx_continuous") || !there("espeak-ng")) t.skip("pocketsphinx and espeak-ng are not installed");
  const elena = await enter(browser, world, world.user("elena"));
  await elena.goto("/settings/telephony#words");
  const words = elena.locator("#words");
  await expect.poll(() => words.evaluate((e) => Math.round(e.getBoundingClientRect().top))).toBeLessThan(300);
  await expect
    .poll(() => elena.getByRole("link", { name: "Words of recordings" }).getAttribute("aria-current"))
    .toBe("location");
  const fields = words.getByRole("group", { name: "Recogniser" });
  await fields.getByLabel("Address").fill(address);
  await fields.getByLabel("Key").fill("sk-test");
  await words.getByRole("button", { name: "Save" }).click();
  await words.getByRole("button", { name: "Test" }).click();
  await words.getByText(/was heard as/).waitFor();
  await shot(elena, "words-settings");
  expect(await findings(elena, "#words", everything)).toEqual([]);
  await elena.close();
});

it("a recording is played with its waveform, at another speed and from any place, by who took part", async () => {
  maria = await enter(browser, world, world.user("maria"));
  const wav = there("espeak-ng") ? await spoken(said) : writeTone(join(folder, "theirs.wav"), 440, 8000);
  const caller = world.ring(radu, world.ready.numbers[0]!, wav, "--codecs", "G722", "--duration", "9s");
  await maria.getByTestId("incoming-call").getByRole("button", { name: "Answer" }).click();
  await caller.ended();
  await maria.goto("/calls");
  const { items: calls } = await world.api<{ items: { id: string }[] }>("GET", "/calls");
  const made = () => world.api<{ items: unknown[] }>("GET", `/recordings?calls=${calls[0]!.id}`);
  await expect.poll(async () => (await made()).items.length, { timeout: 20_000 }).toBe(1);
  await maria
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  const player = maria.getByTestId("recording");
  await player.waitFor();
  expect(await player.locator('svg[preserveAspectRatio="none"] path').first().getAttribute("d")).toMatch(/h0\.7v-\d/);
  await player.getByRole("button", { name: "Play the recording" }).click();
  const audio = player.locator("audio");
  const at = () => audio.evaluate((e) => (e as HTMLAudioElement).currentTime);
  await expect.poll(at).toBeGreaterThan(0.3);
  await player.getByRole("button", { name: "Speed 1" }).click();
  expect(await audio.evaluate((e) => (e as HTMLAudioElement).playbackRate)).toBe(1.5);
  const place = player.getByRole("slider", { name: "Place in the recording" });
  await place.focus();
  await maria.keyboard.press("End");
  await expect.poll(at).toBeGreaterThan(5);
  await settled(maria);
  expect(await findings(maria, "body", everything)).toEqual([]);
});

it("what was said stands under the recording with who said it, and is found", async (t) => {
  if (!there("pocketsphinx_continuous") || !there("espeak-ng")) t.skip("pocketsphinx and espeak-ng are not installed");
  await maria.goto("/calls");
  await maria
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  await maria.getByRole("button", { name: "What was said" }).click({ timeout: 60_000 });
  const line = maria.getByTestId("transcript").getByRole("listitem").filter({ hasText: said }).first();
  await line.getByText("Radu Georgescu").waitFor();
  await shot(maria, "transcript");
  await line.getByRole("button", { name: /Play from/ }).click();
  const audio = maria.getByTestId("recording").locator("audio");
  await expect.poll(() => audio.evaluate((e) => (e as HTMLAudioElement).paused)).toBe(false);
  expect(await findings(maria, "body", everything)).toEqual([]);

  await maria.goto("/calls");
  await maria.getByRole("button", { name: "Filter" }).click();
  await shot(maria, "filters");
  expect(await findings(maria, "body", everything)).toEqual([]);
  await maria.getByLabel("Words that were said").fill("elephant");
  await maria.keyboard.press("Enter");
  await maria.getByText("No such calls").waitFor();
  await maria.getByLabel("Words that were said").fill("delivery");
  await maria.keyboard.press("Enter");
  await maria.getByRole("checkbox", { name: "With a recording" }).check();
  await maria.keyboard.press("Escape");
  await maria.getByRole("button", { name: /what happened/ }).waitFor();
  await maria.getByRole("button", { name: "Remove: Said: delivery" }).waitFor();
  await shot(maria, "filtered");

  await maria.keyboard.press("Control+k");
  await maria.keyboard.type("delivery");
  await maria.getByRole("dialog").getByText(said).first().waitFor();
  await shot(maria, "palette");
});

it("an administrator sees who listened", async () => {
  const elena = await enter(browser, world, world.user("elena"));
  await elena.goto("/calls?recorded=true");
  await elena
    .getByRole("button", { name: /what happened/ })
    .first()
    .click();
  await elena.getByRole("button", { name: "Who listened" }).click();
  await elena.getByRole("list", { name: "Who listened" }).getByText("Maria").first().waitFor();
  await shot(elena, "listeners");
  expect(await findings(elena, "body", everything)).toEqual([]);
});
