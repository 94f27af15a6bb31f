import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { colours, everything, findings } from "./axe";
import { enter, launch, online, settled } from "./browser";
import { World } from "./world";

let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await World.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const pages = [
  "/",
  "/crm/leads",
  "/crm/deals",
  "/crm/deals?view=list",
  "/crm/contacts",
  "/crm/companies",
  "/mail",
  "/mail?compose=",
  "/calls",
  "/meetings",
  "/settings/company",
  "/settings/people",
  "/settings/telephony",
  "/settings/mail",
  "/settings/crm",
  "/settings/integrations",
  "/settings/system",
];

const dialog = (page: Page) => page.getByRole("dialog");

/** Opens each dialog of a page of settings in turn: what can be added, and the first thing of each list. */
async function eachDialog(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const openers = page.locator(
    "main section > div:first-child > button:enabled, main li:first-child > [data-open]:not([aria-expanded])",
  );
  for (let i = 0; i < (await openers.count()); i++) {
    const opener = openers.nth(i);
    const name = (await opener.textContent()) ?? "";
    await opener.click();
    await dialog(page).waitFor();
    await look(`${new URL(page.url()).pathname} ${i} ${name}`);
    const list = dialog(page).locator("[aria-expanded=true][aria-haspopup=listbox]");
    if (await list.count()) await page.keyboard.press("Escape"); // closes the list alone
    await expect.poll(() => list.count()).toBe(0);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  }
}

describe("in both themes", () => {
  let page: Page;
  const wrong: Record<string, string[]> = {};
  const note = (name: string, found: string[]) => found.length && Object.assign(wrong, { [name]: found });
  /** The themes differ in colours alone. */
  const look = async (name: string, within = "body") => {
    note(name, await findings(page, within, everything));
    await theme("dark");
    note(`${name}, dark`, await findings(page, within, colours));
    await theme("light");
  };
  const theme = async (colorScheme: "light" | "dark") => {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
  };
  beforeAll(async () => {
    page = await enter(browser, world, world.user("elena"));
  });
  afterAll(() => page.context().close());

  it("axe finds nothing on any page", async () => {
    for (const path of pages) {
      await page.goto(path);
      await page.locator("main :is(h1, h2, [data-step], input)").first().waitFor();
      await settled(page);
      await look(path);
    }
    await page.goto("/crm/contacts");
    await page.getByRole("row").getByText("Radu Georgescu").click();
    await page.getByTestId("timeline").waitFor();
    await look("card");
    await page.getByTestId("card").getByRole("button", { name: "Open full" }).click();
    await page.waitForURL(/contacts\/./);
    await look("record");
    const room = await world.api<{ id: string }>("POST", "/meetings", { title: "Axe" });
    await page.goto(`/meetings/${room.id}`);
    await page.locator("main button").last().waitFor();
    await look("door");
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByTestId("stage").waitFor();
    await page.getByRole("button", { name: "Microphone, camera and loudspeaker" }).click();
    await page.getByRole("combobox", { name: "Camera" }).waitFor();
    await look("stage with its devices");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Leave" }).click();
    expect(wrong).toEqual({});
  });

  it("axe finds nothing on what My day tells an administrator", async () => {
    const line = { kind: "carrier", host: "127.0.0.1:9", transport: "udp", register: false, active: true };
    await world.api("POST", "/trunks", { name: "Without a number", ...line });
    type Rule = { id: string; name: string; active: boolean; when: unknown; then: unknown };
    const { items } = await world.api<{ items: Rule[] }>("GET", "/rules");
    const [{ id, ...rule }] = items.map(({ id, name, when, then }) => ({ id, name, when, then })) as [Rule];
    await world.api("PUT", `/rules/${id}`, { ...rule, active: false }); // the last one is for nobody
    await page.goto("/");
    await page.getByText("Calls over Without a number ring nobody").waitFor();
    await page.getByText("New clients ring nobody yet").waitFor();
    await look("notices");
    await world.api("PUT", `/rules/${id}`, { ...rule, active: true });
    expect(wrong).toEqual({});
  });

  it("axe finds nothing on a call, from calling to a transfer in vain", async () => {
    await page.goto("/calls");
    await online(page);
    await page.keyboard.press("d");
    await page.keyboard.type("+40733000111");
    await page.keyboard.press("Enter");
    const bar = page.getByTestId("call-bar");
    await bar.getByRole("timer").waitFor();
    await look("call");
    for (const tool of ["Keypad", "Microphone and loudspeaker", "Transfer"]) {
      await bar.getByRole("button", { name: tool }).click();
      await page.locator("[role=dialog]").waitFor();
      await look(tool);
      if (tool !== "Transfer") await page.keyboard.press("Escape");
    }
    await page.keyboard.type(world.user("olga").extension); // she is not there
    await page.keyboard.press("Enter");
    await bar.getByText("Not transferred to Olga Petrova").waitFor();
    await look("transfer in vain");
    await page.keyboard.press("Alt+h");
    await bar.getByText("On hold").waitFor();
    await look("hold");
    await page.keyboard.press("Alt+x");
    await expect.poll(() => bar.count()).toBe(0);
    expect(wrong).toEqual({});
  });

  it("axe finds nothing on any dialog", { timeout: 360_000 }, async () => {
    const shown = async (name: string) => {
      await dialog(page).first().waitFor();
      await settled(page);
      await look(name, "[role=dialog]");
      await page.keyboard.press("Escape");
      await dialog(page).first().waitFor({ state: "detached" });
    };
    await page.goto("/crm/leads");
    await page.getByRole("row").first().waitFor();
    await page.keyboard.press("?");
    await shown("keys");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("georgescu");
    await dialog(page).getByRole("button", { name: "Radu Georgescu" }).first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.locator("[data-selected=true]").getByText("Radu Georgescu").waitFor();
    await shown("palette with what is found");
    for (const kind of ["lead", "deal", "contact", "company"]) {
      await page.keyboard.press("Control+k");
      await page.keyboard.type(`new ${kind}`);
      await look("palette");
      await page.keyboard.press("Enter");
      await dialog(page).locator("input:focus").waitFor();
      await shown(`new ${kind}`);
    }
    const lead = await world.api<{ id: string }>("POST", "/leads", {
      title: "Axe",
      phones: ["+40721550001"],
    });
    await page.goto(`/crm/leads/${lead.id}`);
    await page.getByRole("button", { name: "Convert" }).click();
    await dialog(page).getByText("Use this contact").waitFor(); // somebody has the number
    await shown("convert");
    for (const form of ["Note", "Task"]) {
      await page.getByRole("button", { name: form, exact: true }).click();
      await look(form);
    }
    await page.locator("header").getByRole("button", { name: "Your menu" }).click();
    await page.getByRole("menu").waitFor();
    await look("menu");
    await page.getByRole("menuitem", { name: "Your account" }).click();
    await shown("account");
    for (const path of pages.filter((p) => p.startsWith("/settings"))) {
      await page.goto(path);
      await page.locator("main section").first().waitFor();
      await eachDialog(page, (name) => look(name, "[role=dialog]"));
    }
    const { items } = await world.api<{ items: { id: string }[] }>("GET", "/users");
    await world.api("POST", "/devices", { user: items[0]!.id, label: "Reception" });
    await page.goto("/settings/telephony");
    await page.getByRole("button", { name: "New password" }).first().click();
    await page.getByRole("button", { name: "End the old password" }).click();
    await dialog(page).getByText("The password is shown only now.").waitFor();
    await shown("a phone's new password");
    expect(wrong).toEqual({});
  });
});

describe("by keyboard alone", () => {
  it("one goes everywhere, and sees where the focus is", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const goes = async (keys: string[], path: string) => {
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForURL((url) => url.pathname === path);
    };
    await goes(["g", "c"], "/crm/contacts");
    await goes(["g", "m"], "/mail");
    await goes(["g", "d"], "/crm/deals");
    await goes(["g", "h"], "/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).not.toBe("none");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await page.context().close();
  });

  it("arrows and Enter walk every list, and the focus is seen", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const here = () =>
      page.evaluate(() => {
        const steps = [...document.querySelectorAll("main [data-step]")].filter((s) => !s.closest("nav"));
        const at = document.activeElement!;
        return { at: steps.indexOf(at), of: steps.length, outline: getComputedStyle(at).outlineStyle };
      });
    const walked: Record<string, number> = {};
    for (const path of pages.filter((p) => p !== "/mail?compose=")) {
      await page.goto(path);
      await page.locator("main :is(h1, h2, [data-step], input)").first().waitFor();
      await settled(page);
      const { of } = await here();
      walked[path] = of;
      if (of < 2) continue;
      await page.keyboard.press("ArrowDown");
      expect(await here(), path).toMatchObject({ at: 0, outline: "solid" });
      await page.keyboard.press("j");
      expect(await here(), path).toMatchObject({ at: 1, outline: "solid" });
      await page.keyboard.press("ArrowUp");
      expect(await here(), path).toMatchObject({ at: 0 });
    }
    const empty = Object.entries(walked).flatMap(([path, of]) => (of ? [] : [path]));
    expect(
      empty.filter(
        (p) => !["/settings/company", "/settings/integrations", "/meetings", "/calls", "/", "/mail"].includes(p),
      ),
    ).toEqual([]);
    await page.goto("/settings/telephony");
    await page.locator("main [data-step]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await page.context().close();
  });

  it("one tries who would answer a call", async () => {
    const page = await enter(browser, world, world.user("elena"));
    await page.goto("/settings/telephony");
    await page.getByLabel("Who calls").fill("+40721550001");
    await page.keyboard.press("Enter");
    const trial = page.getByTestId("route-trial");
    await trial.getByText(/The client is Radu Georgescu.*, whose calls Maria/).waitFor();
    await trial.getByText(/^1\. Rings Maria/).waitFor();
    expect(await findings(page, "body", everything)).toEqual([]);
    await page.context().close();
  });

  it("one opens a card from a list, and moves a deal and takes it back", async () => {
    const page = await enter(browser, world, world.user("elena"));
    await page.goto("/crm/contacts");
    await page.getByRole("row").nth(1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("card-name").waitFor();

    await page.goto("/crm/deals");
    const lane = (name: string) => page.getByRole("region", { name });
    const deal = page.getByTestId("deal").filter({ hasText: "Trial order" });
    await deal.waitFor();
    await lane("New").getByText("Trial order").waitFor();
    const head = () => lane("New").locator("header").textContent(); // its name, number and sum
    const before = await head();
    await deal.focus();
    await page.keyboard.press("Shift+ArrowRight");
    await lane("Qualified").getByText("Trial order").waitFor();
    await expect.poll(head).not.toBe(before);
    await page.getByRole("button", { name: "Undo" }).click();
    await lane("New").getByText("Trial order").waitFor();
    await expect.poll(head).toBe(before);
    await page.context().close();
  });

  it("one makes a lead and turns it into a contact with a deal", async () => {
    const page = await enter(browser, world, world.user("elena"));
    const name = `Doina ${Date.now()}`;
    await page.keyboard.press("Control+k");
    await page.keyboard.type("new lead");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New lead" }).locator("input:focus").waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByTestId("card-name").textContent()).toBe(name);
    await page.getByRole("button", { name: "Convert" }).press("Enter");
    await page.getByRole("textbox", { name: "Title" }).fill("First order");
    await page.keyboard.press("Enter");
    await page.getByTestId("card").getByText("First order").waitFor();
    await page.context().close();
  });
});
