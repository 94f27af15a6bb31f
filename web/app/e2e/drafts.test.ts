import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { Office } from "./office";
import type { DemoUser } from "./world";

const run = promisify(execFile);
const radu = "radu@clients.example";

const office = new Office();
const workplace = (login: string) => office.workplace(login);

const composer = (page: Page) => page.getByTestId("composer");
const text = (at: Locator) => at.getByRole("textbox", { name: "Text" });
const saved = (page: Page) => page.locator('[data-testid="composer"][data-draft="saved"]').waitFor();

async function openDraft(page: Page, subject: string): Promise<void> {
  await page.goto("/mail");
  await page
    .getByRole("link", { name: /Drafts/ })
    .first()
    .click();
  await page.getByRole("button", { name: new RegExp(subject) }).click();
  await composer(page).waitFor();
}

/** Asks the IMAP server with curl. */
async function imap(user: DemoUser, path: string, ...args: string[]): Promise<string> {
  const url = `imap://${office.world.ready.imap}/${path}`;
  const { stdout } = await run("curl", [
    "-sS",
    "-k",
    "--ssl-reqd",
    "-u",
    `${user.login}:${user.password}`,
    url,
    ...args,
  ]);
  return stdout;
}

it("keeps a mail through a reload and a change of machine, with its files, where IMAP sees it", async () => {
  const andrei = office.world.user("andrei");
  const subject = `Plan ${Date.now()}`;
  const page = await workplace("andrei");
  await page.goto("/mail?compose=");
  await composer(page)
    .getByLabel("To", { exact: true })
    .pressSequentially(`${office.world.user("olga").mailbox},`);
  await composer(page).getByRole("textbox", { name: "Subject" }).fill(subject);
  await text(composer(page)).pressSequentially("All of it.");
  await composer(page)
    .locator('input[type="file"]')
    .setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("the plan") });
  await composer(page).locator('[data-stored="true"]').getByText("plan.txt").waitFor();
  await saved(page);
  expect(await text(composer(page)).evaluate((field) => field === document.activeElement)).toBe(true);
  await page.reload();
  await expect.poll(() => text(composer(page)).innerText()).toBe("All of it.");
  const listed = await imap(andrei, "Drafts", "-X", "UID SEARCH DRAFT SEEN");
  expect(listed).toMatch(/SEARCH \d+/);
  await page.context().close();

  const other = await workplace("andrei");
  await openDraft(other, subject);
  await expect.poll(() => text(composer(other)).innerText()).toBe("All of it.");
  await composer(other).getByText(office.world.user("olga").mailbox).waitFor();
  await text(composer(other)).press("Control+End");
  await text(composer(other)).pressSequentially(" And more.");
  await composer(other)
    .getByRole("button", { name: /^Send Ctrl/ })
    .click();
  await other.getByText("Mail sent").waitFor();
  const left = () => imap(andrei, "Drafts", "-X", `UID SEARCH SUBJECT "${subject}"`);
  await expect.poll(left, { timeout: 30_000 }).not.toMatch(/SEARCH \d/); // once it can't be taken back any more

  const olga = await workplace("olga");
  await olga.goto("/mail");
  await olga.getByRole("button", { name: new RegExp(subject) }).click();
  const reading = olga.getByRole("region", { name: "Conversation", exact: true });
  await reading.frameLocator("iframe").getByText("All of it. And more.").waitFor();
  await olga.getByRole("link", { name: /plan\.txt/ }).waitFor();
});

it("goes on with an answer where it was begun", async () => {
  const subject = `Question ${Date.now()}`;
  await office.world.post(radu, office.world.user("maria").mailbox, "--subject", subject, "--text", "How much?");
  const page = await workplace("maria");
  await page.goto("/mail");
  await page.getByRole("button", { name: new RegExp(subject) }).click();
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  await page.keyboard.type("Not much.");
  await saved(page);
  await page.reload();
  await composer(page).waitFor();
  expect(await composer(page).count()).toBe(1);
  await expect.poll(() => text(composer(page)).innerText()).toBe("Not much.");
  await text(composer(page)).press("Control+Enter");
  await page.getByText("Mail sent").waitFor();
  const reading = page.getByRole("region", { name: "Conversation", exact: true });
  await reading.getByRole("button", { name: "Reply", exact: true }).waitFor();
});

it("never writes one tab's draft over another's", async () => {
  const subject = `Twice ${Date.now()}`;
  const one = await workplace("ion");
  await one.goto("/mail?compose=");
  await composer(one).getByRole("textbox", { name: "Subject" }).fill(subject);
  await text(composer(one)).fill("First.");
  await saved(one);
  const two = await workplace("ion");
  await openDraft(two, subject);
  await text(composer(two)).fill("Second.");
  await saved(two);
  await text(composer(one)).fill("Third.");
  await composer(one).getByRole("alert").getByText("changed in another place").waitFor();
  await composer(one).getByRole("button", { name: "Keep mine" }).click();
  await saved(one);
  await two.goto("/mail");
  await two
    .getByRole("link", { name: /Drafts/ })
    .first()
    .click();
  await expect.poll(() => two.getByRole("button", { name: new RegExp(subject) }).count()).toBe(2);
});

it("opens and sends what a mail program left in Drafts", async () => {
  const ion = office.world.user("ion");
  const subject = `Phone ${Date.now()}`;
  const folder = mkdtempSync(join(tmpdir(), "frontdesk-draft-"));
  const file = join(folder, "draft.eml");
  const mail = `From: ${ion.mailbox}\r\nTo: ${office.world.user("olga").mailbox}\r\nSubject: ${subject}\r\nMessage-ID: <${Date.now()}@phone>\r\n\r\nWritten elsewhere.\r\n`;
  writeFileSync(file, mail);
  await imap(ion, "Drafts", "-T", file);
  rmSync(folder, { recursive: true });
  const page = await workplace("ion");
  await openDraft(page, subject);
  await expect.poll(() => text(composer(page)).innerText()).toBe("Written elsewhere.");
  await composer(page)
    .getByRole("button", { name: /^Send Ctrl/ })
    .click();
  await page.getByText("Mail sent").waitFor();
  const olga = await workplace("olga");
  await olga.goto("/mail");
  await olga.getByRole("button", { name: new RegExp(subject) }).waitFor();
});
