import { createConnection } from "node:net";
import { connect as secure } from "node:tls";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

let world: World;
let browser: Browser;
let admin: Page;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  admin = await enter(browser, world, world.user("elena"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** How IMAP answers a log-in, after STARTTLS. */
async function imapLogin(login: string, password: string): Promise<string> {
  const at = world.ready.imap.lastIndexOf(":");
  const plain = createConnection(Number(world.ready.imap.slice(at + 1)), world.ready.imap.slice(0, at));
  const line = (from: NodeJS.ReadableStream, tag: string) =>
    new Promise<string>((done, fail) => {
      let text = "";
      const more = (data: Buffer) => {
        text += data;
        if (text.includes(tag)) {
          from.off("data", more);
          done(text);
        }
      };
      from.on("data", more).once("error", fail);
    });
  await line(plain, "\r\n");
  plain.write("a STARTTLS\r\n");
  await line(plain, "a OK");
  const socket = secure({ socket: plain, rejectUnauthorized: false });
  const answer = line(socket, "b ");
  socket.write(`b LOGIN ${login} ${password}\r\n`);
  const text = await answer;
  socket.destroy();
  return text.slice(text.indexOf("b ")).slice(2, 5).trim();
}

it("a domain's records stand beside what is published, and new keys wait for DNS", async () => {
  await admin.goto("/settings/mail");
  await admin.getByRole("button", { name: "DNS and keys" }).first().click();
  await admin.getByText("Needed, or others distrust your mail").waitFor({ timeout: 20_000 });
  await admin.getByText("Copy the whole zone").waitFor();
  await admin.getByRole("button", { name: "Make new keys" }).click();
  await admin.getByText("Until DNS shows them").waitFor();
  expect(await admin.getByText("signs once it is published").count()).toBe(2);
});

it("an address leads to a mailbox, and mail to it arrives there", async () => {
  await admin.getByRole("button", { name: "Add an address" }).click();
  const form = admin.getByRole("dialog", { name: "Add an address" });
  await form.getByRole("textbox", { name: "Address" }).fill("welcome@acme.example");
  await form.getByRole("combobox", { name: "Leads to" }).click();
  await admin.getByRole("option", { name: "elena@acme.example" }).click();
  await admin.keyboard.press("Escape");
  await form.getByRole("button", { name: "Save" }).click();
  await admin.getByRole("listitem").filter({ hasText: "welcome@acme.example" }).waitFor();
  expect(await world.post("client@far.example", "welcome@acme.example")).toContain("250");
});

it("a mail program has a password of its own until it is revoked", async () => {
  await admin.locator("header").getByRole("button", { name: "Your menu" }).click();
  await admin.getByRole("menuitem", { name: "Your account" }).click();
  const account = admin.getByRole("dialog");
  await account.getByLabel("Phone or program").fill("Old phone");
  await account.getByRole("button", { name: "Create a password" }).click();
  const secret = (await account.getByRole("status").locator("code").textContent()) ?? "";
  expect(await imapLogin("elena@acme.example", secret)).toBe("OK");
  const row = account.getByRole("listitem").filter({ hasText: "Old phone" });
  await row.getByRole("button", { name: "Revoke" }).click();
  await row.getByRole("button", { name: "Really revoke" }).click();
  await row.waitFor({ state: "detached" });
  expect(await imapLogin("elena@acme.example", secret)).toBe("NO");
});
