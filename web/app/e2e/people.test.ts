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

/** What the API answers who comes with a token. */
async function status(token: string, path: string): Promise<number> {
  const answer = await fetch(`${world.ready.http}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

it("a token is made for a program, works, and no longer once it is revoked", async () => {
  await admin.locator("header").getByRole("button", { name: "Your menu" }).click();
  await admin.getByRole("menuitem", { name: "Your account" }).click();
  const account = admin.getByRole("dialog");
  await account.getByLabel("What it is for").fill("Website form");
  await account.getByRole("button", { name: "Make", exact: true }).click();
  const token = (await account.getByRole("status").locator("code").textContent()) ?? "";
  expect(await status(token, "/contacts")).toBe(200);
  const row = account.getByRole("listitem").filter({ hasText: "Website form" });
  await row.getByRole("button", { name: "Revoke" }).click();
  await row.getByRole("button", { name: "Really revoke" }).click();
  await row.waitFor({ state: "detached" });
  expect(await status(token, "/contacts")).toBe(401);
  await admin.keyboard.press("Escape");
  await account.waitFor({ state: "detached" });
});

it("who leaves is logged out, and a colleague has what was theirs", async () => {
  const andrei = await enter(browser, world, world.user("andrei"));
  await admin.goto("/settings/people");
  const row = admin.getByRole("listitem").filter({ hasText: "Andrei Rusu" });
  await row.getByRole("button", { name: "Dismiss…" }).click();
  const leaves = admin.getByRole("dialog", { name: "Andrei Rusu leaves" });
  await leaves.getByText("Mailboxes: andrei@acme.example").waitFor();
  await leaves.getByRole("combobox", { name: "Who takes over" }).click();
  await admin.getByRole("option", { name: "Ion Ceban" }).click();
  await leaves.getByRole("button", { name: "Hand over and log out" }).click();
  await leaves.waitFor({ state: "detached" });
  await row.getByText("Switched off").waitFor();
  await andrei.getByRole("textbox", { name: "Password" }).waitFor(); // the log-in page, without being asked
  await admin.goto("/settings/telephony");
  await admin
    .getByRole("listitem")
    .filter({ hasText: /^102Ion Ceban/ })
    .waitFor();
  await admin.goto("/crm/leads");
  await admin.getByRole("row").filter({ hasText: "Lidia Moraru" }).getByText("Ion Ceban").waitFor();
  const again = await admin.request.post("/api/v1/login", {
    data: { login: "andrei", password: world.user("andrei").password },
  });
  expect(again.status()).toBe(401);
});
