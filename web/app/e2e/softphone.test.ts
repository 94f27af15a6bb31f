import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, expectTone, launch } from "./browser";
import { writeTone } from "./tone";
import { World } from "./world";

// JsSIP is what softphones that run in a browser are made of; here it is one, on a page of its own.

const phone = 700; // Hz, what the softphone's microphone gives
const seller = 1000; // Hz, what the seller's gives

type Device = { username: string; password: string };

let world: World;
let browsers: Browser[] = [];
let library: string;
const site = createServer((_, answer) => {
  answer.setHeader("Content-Type", "text/html");
  answer.end("<!doctype html><audio data-remote autoplay></audio>");
});
const folder = mkdtempSync(join(tmpdir(), "frontdesk-softphone-"));

beforeAll(async () => {
  const bundle = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry: "node_modules/jssip/lib/JsSIP.js", formats: ["iife"], name: "JsSIP" },
    },
  });
  const chunks = [bundle].flat().flatMap((b) => ("output" in b ? b.output : []));
  library = chunks.map((c) => ("code" in c ? c.code : "")).join("");
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  world = await World.start();
  browsers = [
    await launch(writeTone(join(folder, "phone.wav"), phone, 48000)),
    await launch(writeTone(join(folder, "seller.wav"), seller, 48000)),
  ];
});
afterAll(async () => {
  for (const b of browsers) await b.close();
  await world?.stop();
  site.close();
});

/** A page with JsSIP on it, registered as a device. */
async function softphone(device: Device): Promise<Page> {
  const context = await browsers[0]!.newContext({ permissions: ["microphone"] });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`); // an origin that the demo lets connect
  await page.addScriptTag({ content: `${library}; window.JsSIP = JsSIP` });
  expect(await page.evaluate(register, { ...device, door: `ws://${world.ready.sip_ws}` })).toBe("registered");
  return page;
}

/** Runs in the page: registers, takes each call that comes, and plays what is heard. */
// biome-ignore lint/suspicious/noExplicitAny: JsSIP is on the page
type Jssip = any;
function register({ username, password, door }: Device & { door: string }): Promise<string> {
  const { JsSIP } = window as never as { JsSIP: Jssip };
  const ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(door)],
    uri: `sip:${username}@demo.example`,
    password,
    session_timers: false,
  });
  const play = (connection: RTCPeerConnection) =>
    connection.addEventListener("track", (e) => {
      document.querySelector("audio")!.srcObject = e.streams[0] ?? new MediaStream([e.track]);
    });
  ua.on("newRTCSession", ({ session, originator }: Jssip) => {
    Object.assign(window, { session });
    session.on("peerconnection", (e: Jssip) => play(e.peerconnection));
    if (session.connection) play(session.connection);
    if (originator === "remote") session.answer({ mediaConstraints: (window as never as Jssip).sound });
  });
  Object.assign(window, {
    ua,
    sound: { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false },
  });
  return new Promise((done) => {
    ua.on("registered", () => done("registered"));
    ua.on("registrationFailed", (e: Jssip) => done(`refused: ${e.cause}`));
    ua.start();
  });
}

const state = (page: Page) =>
  page.evaluate(() => {
    const { session } = window as never as { session: Jssip };
    return session?.isEstablished() ? "talks" : session?.isEnded() ? "over" : "none";
  });

it("registers over a WebSocket, calls a seller's browser, holds and goes on; is called by one, and both hear each other", async () => {
  const { items: people } = await world.api<{ items: { id: string; login: string }[] }>("GET", "/users");
  const andrei = people.find((u) => u.login === "andrei")!;
  const device = await world.api<Device>("POST", "/devices", { user: andrei.id, label: "JsSIP" });
  const jssip = await softphone(device);
  const page = await enter(browsers[1]!, world, world.user("maria"));

  await jssip.evaluate((to) => {
    const { ua, sound } = window as never as Jssip;
    ua.call(`sip:${to}@demo.example`, { mediaConstraints: sound });
  }, world.user("maria").extension);
  await page
    .getByTestId("incoming-call")
    .getByRole("button", { name: /Answer/ })
    .click();
  await expectTone(page, phone);
  await expectTone(jssip, seller);
  await jssip.evaluate(() => new Promise((done) => (window as never as Jssip).session.hold({}, done)));
  await jssip.evaluate(() => new Promise((done) => (window as never as Jssip).session.unhold({}, done)));
  await expectTone(page, phone);
  await expectTone(jssip, seller);
  await page.getByTestId("call-bar").getByRole("button", { name: "Hang up" }).click();
  await expect.poll(() => state(jssip)).toBe("over");

  await page.keyboard.press("d");
  await page.keyboard.type(world.user("andrei").extension);
  await page.keyboard.press("Enter");
  await expect.poll(() => state(jssip), { timeout: 20_000 }).toBe("talks");
  await expectTone(page, phone);
  await expectTone(jssip, seller);
  await jssip.evaluate(() => (window as never as Jssip).session.terminate());
  await expect.poll(() => page.getByTestId("call-bar").count()).toBe(0);
});
