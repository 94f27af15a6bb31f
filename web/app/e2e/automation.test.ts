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

type Deal = { id: string; title: string; stage: string };
type Pipeline = { stages: { id: string; name: string; kind: string }[] };

it("an example is made by one click, and taken back", async () => {
  await page.goto("/settings/automation");
  await page.getByRole("listitem").filter({ hasText: "Won deals are followed up" }).getByRole("button").click();
  const row = page.getByRole("listitem").filter({ hasText: "1. Won deals are followed up" });
  await row.getByText("task “Thank the client").waitFor();
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nothing happens by itself yet").waitFor();
});

it("a rule made on the page works on a deal that is dragged to the stage", async () => {
  const [deal] = (await world.api<{ items: Deal[] }>("GET", "/deals?stage=open&limit=1")).items;
  const [pipeline] = (await world.api<{ items: Pipeline[] }>("GET", "/pipelines")).items;
  const to = pipeline!.stages.find((s) => s.kind === "open" && s.id !== deal!.stage)!;

  await page.getByRole("button", { name: "Add a rule" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("Offers are followed");
  await form.getByRole("combobox", { name: "Stages" }).fill(to.name);
  await page.getByRole("option", { name: to.name }).click();
  await page.keyboard.press("Escape");
  await form.getByRole("button", { name: "Add a group" }).press("Enter");
  await form.getByRole("combobox", { name: "Field" }).fill("Amount");
  await page.getByRole("option", { name: "Amount" }).click();
  await form.getByRole("textbox", { name: "Values" }).fill("1");
  await page.keyboard.press("Tab");
  await form.getByRole("button", { name: "Test on the newest records" }).click();
  await form.getByText(/It would have held for \d+ of the newest \d+/).waitFor();
  await form.getByRole("button", { name: "Add an action" }).press("Enter");
  await page.getByRole("menuitem", { name: "Create a task" }).click();
  await form.getByRole("textbox", { name: "Task" }).fill("Call about {name}");
  await form.getByRole("combobox", { name: "Record to try it with" }).fill(deal!.title);
  await page.getByRole("option", { name: deal!.title }).click();
  await form.getByText(`task: “Call about ${deal!.title}”`).waitFor();
  if (process.env.AUTO_SHOTS) await page.screenshot({ path: `${process.env.AUTO_SHOTS}/editor.png`, fullPage: true });
  expect(await findings(page, "[role=dialog]", everything)).toEqual([]);
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText(`When a deal comes to ${to.name}`).waitFor();

  await page.goto("/crm/deals");
  const card = page.getByTestId("deal").filter({ hasText: deal!.title });
  await card.dragTo(page.getByRole("region", { name: to.name, exact: true }));
  await until(async () => {
    const now = await world.api<Deal>("GET", `/deals/${deal!.id}`);
    return now.stage === to.id;
  }, "the deal is where it was dragged");
  await page.goto(`/crm/deals/${deal!.id}`);
  await page.getByTestId("timeline").getByText(`Call about ${deal!.title}`).first().waitFor();
  await page.getByTestId("timeline").getByText("Automation").click();
  await page.getByTestId("timeline").getByText("Rule “Offers are followed”").waitFor();
  if (process.env.AUTO_SHOTS) await page.screenshot({ path: `${process.env.AUTO_SHOTS}/card.png` });

  await page.goto("/settings/automation");
  await page.getByTestId("automation-log").getByText("Offers are followed").waitFor();
  expect(await findings(page, "main", everything)).toEqual([]);
  if (process.env.AUTO_SHOTS) await page.screenshot({ path: `${process.env.AUTO_SHOTS}/page.png` });
});
