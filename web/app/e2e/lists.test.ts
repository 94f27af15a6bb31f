import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { everything, findings } from "./axe";
import { enter, launch } from "./browser";
import { until, World } from "./world";

let world: World;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
  page = await enter(browser, world, world.user("elena"));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

type Contact = { id: string; name: string; fields: Record<string, string[]> };
const contacts = async () => (await world.api<{ items: Contact[] }>("GET", "/contacts?limit=100")).items;

it("a field is added, filled in on a card, and a list asks for it", async () => {
  await page.goto("/settings/crm");
  await page.getByRole("button", { name: "Add a field" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("Floor");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "Floor" }).waitFor();

  const [first] = await contacts();
  await page.goto(`/crm/contacts/${first!.id}`);
  await page.getByRole("button", { name: "Edit: Floor" }).click();
  await page.keyboard.type("Third");
  await page.keyboard.press("Enter");
  await page.getByText("Floor: – → Third").waitFor();

  await page.goto("/crm/contacts");
  await page.getByRole("button", { name: "Filter" }).press("Enter");
  const field = page.getByRole("combobox", { name: "Field" });
  await field.fill("Floor");
  await page.getByRole("option", { name: "Floor" }).click();
  await page.getByRole("textbox", { name: "Values" }).fill("third");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("Floor is third").waitFor();
  await until(async () => (await page.getByRole("row").count()) === 2, "the one contact below the head");
  expect(await page.getByRole("row").last().textContent()).toContain(first!.name);
});

it("the list is kept under a name and found again", async () => {
  await page.getByRole("button", { name: "Keep this view" }).press("Enter");
  await page.getByRole("menuitem", { name: "Save as a new view…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Third floor");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.goto("/crm/contacts");
  await page.getByRole("combobox", { name: "View" }).click();
  await page.getByRole("option", { name: "Third floor" }).click();
  await page.getByText("Floor is third").waitFor();
});

it("rows are picked by keyboard and changed together, and the change is taken back", async () => {
  await page.goto("/crm/contacts");
  const rows = page.getByRole("row");
  await rows.nth(1).press("x");
  await rows.nth(2).press("x");
  await page.getByText("2 selected").waitFor();
  await page.getByRole("button", { name: "Change…" }).press("Enter");
  await page.getByRole("combobox", { name: "Field" }).click();
  await page.getByRole("option", { name: "Add tags" }).click();
  await page.getByRole("combobox", { name: "Values" }).fill("fair");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const tagged = async () => (await contacts()).filter((c) => c.fields.tags?.includes("fair")).length;
  await until(async () => (await tagged()) === 2, "both to be tagged");
  await page.getByRole("button", { name: "Undo" }).click();
  await until(async () => (await tagged()) === 0, "both to be as they were");
});

it("two rows become one by keyboard, the address of the other leads to it, and it is taken back", async () => {
  await page.goto("/crm/contacts");
  const [before, names] = [await contacts(), async () => (await contacts()).map((c) => c.name).sort()];
  const rows = page.getByRole("row");
  await rows.nth(1).press("x");
  await rows.nth(2).press("x");
  await page.getByRole("button", { name: "Merge…" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radiogroup", { name: "Keep" }).waitFor();
  expect(await findings(page, "[role=dialog]", everything)).toEqual([]);
  await dialog.getByRole("button", { name: "Merge", exact: true }).press("Enter");
  await dialog.waitFor({ state: "detached" });
  await until(async () => (await contacts()).length === before.length - 1, "one record less");
  const left = (await contacts()).map((c) => c.id);
  const gone = before.find((c) => !left.includes(c.id))!;
  const tab = await page.context().newPage();
  await tab.goto(`/crm/contacts/${gone.id}`);
  await tab.waitForURL((url) => left.some((id) => url.pathname.endsWith(id)));
  await tab.close();
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await until(async () => (await contacts()).length === before.length, "both to be there again");
  expect(await names()).toEqual(before.map((c) => c.name).sort());
});

it("clients come in from a file, the wrong line comes back, and the import is taken back", async () => {
  await page.goto("/crm/contacts");
  await page.getByRole("link", { name: "Import" }).press("Enter");
  const file = "Full name;Mobile;E-mail;Firma\nMara Ionescu;0722 555 001;mara@new.test;New Firm\nNobody;12;;\n";
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.getByRole("table", { name: "Columns of the file" }).waitFor();
  expect(await page.getByRole("combobox", { name: "Column Firma is" }).inputValue()).toBe("Company");
  expect(await findings(page, "main", everything)).toEqual([]);
  await page.getByRole("button", { name: "Import 2 lines" }).press("Enter");
  await page.getByText("Made: 1 · updated: 0 · skipped: 0 · wrong: 1").waitFor();
  const mended = page.waitForEvent("download");
  await page.getByRole("link", { name: "Wrong lines as a file" }).click();
  expect(await readFile(await (await mended).path(), "utf8")).toContain("Nobody,12,,,");
  expect((await contacts()).map((c) => c.name)).toContain("Mara Ionescu");
  await page.getByRole("button", { name: "Take the import back" }).press("Enter");
  await page.getByText("Taken back: 1.").waitFor();
  expect((await contacts()).map((c) => c.name)).not.toContain("Mara Ionescu");
});

it("what a list shows goes out as a workbook", async () => {
  const [first] = await contacts();
  await page.goto(`/crm/contacts?q=${encodeURIComponent(first!.name)}`);
  await page.getByRole("button", { name: "Export" }).press("Enter");
  const file = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "All of this list as Excel" }).press("Enter");
  const download = await file;
  expect(download.suggestedFilename()).toBe("contact.xlsx");
  expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe("PK");
});
