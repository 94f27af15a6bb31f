/** Pictures of the workplace, to be looked at: npm run screenshots. They go to /screenshots of the repository. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { enter, launch, online } from "./browser";
import { World } from "./world";

const folder = resolve(process.env.SCREENSHOT_DIR ?? "../../screenshots");
const sizes = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
];
const pages = {
  day: "/",
  leads: "/crm/leads",
  deals: "/crm/deals",
  deals_list: "/crm/deals?view=list",
  contacts: "/crm/contacts",
  companies: "/crm/companies",
  mail: "/mail",
  compose: "/mail?compose=",
  calls: "/calls",
  meetings: "/meetings",
  company: "/settings/company",
  people: "/settings/people",
  telephony: "/settings/telephony",
  mail_settings: "/settings/mail",
  rules: "/settings/crm",
  integrations: "/settings/integrations",
  system: "/settings/system",
};

let world: World;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  world = await World.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

const alina = "+40726550008"; // clients of the demo
const shared = "+40215551201"; // of two of them

type Scene = (page: Page, shot: (part?: string) => Promise<void>) => Promise<void>;

/** What only real events bring about. */
const scenes: Record<string, Scene> = {
  async call(page, shot) {
    await page.goto("/crm/deals");
    await online(page);
    const client = world.ring(alina, world.ready.numbers[1]!);
    await page.getByTestId("incoming-call").waitFor();
    await shot("_ringing");
    await page.keyboard.press("Alt+a");
    await page.getByTestId("call-bar").getByRole("timer").waitFor();
    await shot("_running");
    await page.keyboard.press("Alt+x");
    await client.ended();
  },
  async several(page, shot) {
    await page.goto("/calls");
    await online(page);
    const client = world.ring(shared, world.ready.numbers[1]!);
    await page.getByTestId("incoming-call").waitFor();
    await shot();
    await client.hangUp();
  },
  async card(page, shot) {
    await page.goto("/crm/contacts");
    await page.getByRole("row").getByText("Radu Georgescu").click();
    await page.getByTestId("card-name").waitFor();
    await shot();
    await page.getByTestId("card").getByRole("button").first().click();
    await shot("_full");
  },
  async thread(page, shot) {
    const subject = `Offer for the spring, ${Date.now() % 1000}`;
    await world.post(
      "alina@clients.example",
      world.user("elena").mailbox,
      "--subject",
      subject,
      "--text",
      "Good morning,\n\nplease send the offer again, with delivery in May.\n\nThank you,\nAlina",
    );
    await page.goto("/mail");
    await page.getByRole("button", { name: new RegExp(subject) }).click();
    await page.locator("iframe").waitFor();
    await shot();
  },
  async palette(page, shot) {
    await page.goto("/");
    await online(page);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("ra");
    await shot();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await shot("_keys");
  },
  async meeting(page, shot) {
    const room = await world.room("Monday round");
    const number = world.ready.numbers[1]!;
    const { items } = await world.api<{ items: { e164: string; trunk: string }[] }>("GET", "/numbers");
    const { trunk } = items.find((n) => n.e164 === number)!;
    await world.api("PUT", `/numbers/${number}`, { trunk, destination: { kind: "meeting", meeting: room.id } });
    const join = async (p: Page) => {
      await p.goto(`/meetings/${room.id}`);
      await p.waitForTimeout(1500);
      if (p === page) await shot("_door");
      await p.locator("main button[data-autofocus], main button").last().click();
      await p.getByTestId("stage").waitFor();
    };
    const people = () => page.getByTestId("stage").locator("footer button").nth(2).click();
    const pane = page.getByTestId("stage").locator("aside");
    const open = async (is: boolean) => {
      if ((await pane.count()) !== (is ? 1 : 0)) await (is ? people() : pane.getByRole("button").first().click());
    };
    const call = async (to: string) => {
      await pane.locator("form input").fill(to);
      await pane.locator("form input").press("Enter");
    };
    await join(page);
    await page.waitForTimeout(1500);
    await shot("_alone");
    const guests = [];
    for (const login of ["andrei", "maria", "ion"]) {
      const guest = await enter(browser, world, world.user(login), { width: 640, height: 480 });
      guests.push(guest);
      await join(guest);
      await page.waitForTimeout(2000);
      if (login === "andrei") await shot("_two");
    }
    await open(false);
    await shot("_four");
    const client = world.ring("+40722550002", number, undefined, "--duration", "60s");
    await page.getByTestId("tile").nth(4).waitFor({ state: "attached" });
    await shot("_phone");
    await open(true);
    await call("0733 000 408");
    await call("0733 000 486");
    await call("0733 000 480");
    await page.locator('[data-testid="called"][data-state="failed"]').nth(1).waitFor();
    await shot("_called");
    await call("+1 202 555 0100");
    await shot("_refused");
    await open(false);
    await shot("_after");
    await client.hangUp();
    await page.getByTestId("stage").locator("footer button").last().click();
    for (const guest of guests) await guest.context().close();
  },
};

const wanted = (process.env.SHOTS ?? "").split(",").filter(Boolean);

describe.each(sizes)("$width", ({ width, height }) => {
  it.each(["light", "dark"] as const)("%s", { timeout: 240_000 }, async (scheme) => {
    const language = width === 1280 ? "ru" : "en";
    const page = await enter(browser, world, world.user("elena"), { width, height, scheme, language });
    const suffix = `${width}-${scheme}`;
    for (const [name, path] of Object.entries(pages)) {
      if (wanted.length && !wanted.includes(name)) continue;
      await page.goto(path);
      await shoot(page, `${name}-${suffix}`);
    }
    for (const [name, scene] of Object.entries(scenes)) {
      if (wanted.length && !wanted.includes(name)) continue;
      await scene(page, (part = "") => shoot(page, `${name}${part}-${suffix}`));
    }
    await page.context().close();
  });
});
