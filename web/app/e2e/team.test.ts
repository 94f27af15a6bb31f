import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, launch, settled } from "./browser";
import { World } from "./world";

let world: World;
let browser: Browser;
let elena: Page;
let maria: Page;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  elena = await enter(browser, world, world.user("elena"));
  maria = await enter(browser, world, world.user("maria"), { scheme: "dark" });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const line = (page: Page, text: string) => page.locator("[data-key]", { hasText: text });
const shots = process.env.TEAM_SHOTS;

async function shoot(page: Page, name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await settled(page);
  await page.screenshot({ path: `${shots}/${name}.png` });
}

/** Opens the office's inbox, which both read. */
async function office(page: Page): Promise<void> {
  const { mailboxes } = await page.evaluate(async () => (await fetch("/api/v1/me")).json());
  const { id } = mailboxes.find((b: { address: string }) => b.address.startsWith("office@"));
  await page.goto(`/mail?box=${id}`);
}

it("shows two people of a shared mailbox who reads, who answers, whose it is and what they say", async () => {
  const box = `office@${world.ready.domain}`;
  for (const subject of ["Team one", "Team two", "Team three"])
    await world.post("team@clients.example", box, "--subject", subject, "--text", `About ${subject}.`);
  await office(elena);
  await office(maria);
  await line(maria, "Team one").click();
  await line(elena, "Team one").getByRole("img", { name: "Maria Ionescu reads" }).waitFor();
  await maria.getByRole("button", { name: "Reply", exact: true }).click();
  await line(elena, "Team one").getByRole("img", { name: "Maria Ionescu answers" }).waitFor();
  await line(elena, "Team one").click();
  await elena.getByRole("status").getByText("Maria Ionescu answers").waitFor();
  await maria.getByRole("status").getByText("Elena Popescu reads").waitFor();

  await line(elena, "Team two").focus();
  await elena.keyboard.press("t");
  await line(maria, "Team two").getByText("Elena").waitFor();
  await maria.getByText("Not taken by others").click();
  await line(maria, "Team two").waitFor({ state: "hidden" });
  await maria.getByRole("radiogroup", { name: "Whose conversations" }).getByText("All", { exact: true }).click();
  await line(elena, "Team three").focus();
  await elena.keyboard.press("w");
  await elena.getByRole("dialog").locator("input:focus").fill("Maria");
  await elena.getByRole("option", { name: "Maria Ionescu" }).click();
  await elena.getByRole("dialog").getByRole("button", { name: "Give" }).click();
  await maria.getByText("Elena Popescu gave you a conversation: Team three").waitFor();

  const comment = elena.getByRole("textbox", { name: "Comment for colleagues" });
  await comment.fill("Offer them ten, @ma");
  await comment.press("Enter");
  expect(await comment.inputValue()).toBe("Offer them ten, @Maria Ionescu ");
  await comment.press("Control+Enter");
  await maria.getByText("Elena Popescu mentioned you: Team one").waitFor();
  await maria.getByText("Offer them ten, @Maria Ionescu").waitFor();
  await shoot(maria, "answering-dark");
  await shoot(elena, "reading-light");
});

it("warns the second of two who answer, before it is sent", async () => {
  const write = (page: Page) => page.getByRole("textbox", { name: "Text" });
  await elena.getByRole("button", { name: "Reply", exact: true }).click();
  await elena.getByText("Maria Ionescu answers this conversation, too.").waitFor();
  await write(elena).fill("Second answer");
  await elena.getByRole("button", { name: /^Send Ctrl/ }).click();
  await elena.getByText("Not sent: a colleague answers, too").waitFor();
  await shoot(elena, "crossing-light");
  await write(maria).fill("First answer");
  await maria.getByRole("button", { name: /^Send Ctrl/ }).click();
  await maria.getByText("Mail sent").waitFor(); // the first is not warned
  await elena.getByText("Maria Ionescu has answered since you began").waitFor();
  await elena.getByRole("button", { name: "Send all the same" }).click();
  await elena.getByText("Mail sent").waitFor();
});

it("picks a range with Shift", async () => {
  await line(elena, "Team three").click({ modifiers: ["Control"] });
  await line(elena, "Team one").click({ modifiers: ["Shift"] });
  await elena.getByText("3 picked").waitFor();
  await elena.getByRole("button", { name: "Pick none" }).click();
  await line(elena, "Team three").focus();
  await elena.keyboard.press("Shift+J");
  await elena.getByText("2 picked").waitFor();
});
