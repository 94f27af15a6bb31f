/** A browser whose address changes: nothing of what went between the old one and the server goes on, and nobody tells the browser. */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodes, enter, expectTone, launch } from "./browser";
import { closeAddress, lose, tap } from "./lossy";
import { writeTone } from "./tone";
import { until, World } from "./world";

const ours = 700; // Hz, what our microphones give
let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await World.start();
  browser = await launch(writeTone(join(mkdtempSync(join(tmpdir(), "frontdesk-address-")), "ours.wav"), ours, 48000));
});
afterAll(async () => {
  lose(0);
  await browser?.close();
  await world?.stop();
});

async function workplace(login: string, path: string): Promise<Page> {
  const page = await enter(browser, world, world.user(login), { width: 1280, height: 720 });
  await tap(page);
  await page.goto(path);
  return page;
}

/** The local ports at which the page's connections send. */
function senders(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
    const ports: number[] = [];
    for (const pc of tapped)
      for (const r of (await pc.getStats()).values()) if (r.type === "local-candidate" && r.port) ports.push(r.port);
    return ports;
  });
}

/** Bytes of sound and pictures that came in. */
function came(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { tapped } = window as unknown as { tapped: RTCPeerConnection[] };
    let bytes = 0;
    for (const pc of tapped)
      for (const r of (await pc.getStats()).values())
        if (r.type === "inbound-rtp") bytes = Math.max(bytes, r.packetsReceived);
    return bytes;
  });
}

/** The page's address changes; prints how long it was without sound, and without a socket. */
async function move(page: Page, what: string): Promise<void> {
  const workplacePort = new URL(world.ready.http).port;
  closeAddress(await senders(page), sockets(workplacePort));
  const gone = Date.now();
  await page.waitForTimeout(200); // what was under way has come
  const before = await came(page);
  await until(async () => (await came(page)) > before || (await flows(page)), "sound at the new address", 30_000);
  console.log(`${what}: sound again ${((Date.now() - gone) / 1000).toFixed(1)} s after the address changed`);
}

/** Packets come over any of its connections right now. */
async function flows(page: Page): Promise<boolean> {
  const before = await came(page);
  await page.waitForTimeout(100);
  return (await came(page)) > before;
}

/** Ports of this machine from which connections to the workplace stand. */
function sockets(port: string): number[] {
  const lines = execFileSync("ss", ["-Htn", "state", "established", `( dport = :${port} )`], { encoding: "utf8" });
  return lines.split("\n").flatMap((line) => {
    const at = line.trim().split(/\s+/)[2];
    return at ? [Number(at.slice(at.lastIndexOf(":") + 1))] : [];
  });
}

it("a call goes on at another address, and is steered from there", { timeout: 120_000 }, async () => {
  const page = await workplace("maria", "/calls");
  const bar = page.getByTestId("call-bar");
  await page.getByRole("button", { name: "Dial" }).click();
  await page.keyboard.type("+40733000111"); // an echo
  await page.keyboard.press("Enter");
  await bar.getByRole("timer").waitFor();
  await expectTone(page, ours);
  for (let n = 1; n <= 5; n++) {
    await move(page, `call, ${n}`);
    await expectTone(page, ours);
    await page.waitForTimeout(3000);
  }
  await bar.getByRole("button", { name: "Hang up" }).click();
  await expect.poll(() => bar.count()).toBe(0);
  await page.context().close();
});

it("a meeting goes on at another address", { timeout: 180_000 }, async () => {
  const room = await world.room("Moving");
  const pages = [await workplace("maria", `/meetings/${room.id}`), await workplace("andrei", `/meetings/${room.id}`)];
  for (const page of pages) {
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByTestId("stage").waitFor();
  }
  const see = () => Promise.all(pages.map((p) => until(async () => (await decodes(p)) === 1, "all pictures", 60_000)));
  await see();
  for (let n = 1; n <= 3; n++) {
    await move(pages[0]!, `meeting, ${n}`);
    await see();
    await pages[0]!.waitForTimeout(3000);
  }
  for (const page of pages) await page.context().close();
});
