import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { Office } from "./office";

const radu = "radu@clients.example"; // of the demo: Radu Georgescu, whom maria looks after

const office = new Office();
const workplace = (login: string) => office.workplace(login);

const composer = (page: Page) => page.getByTestId("composer");
const text = (page: Page) => composer(page).getByRole("textbox", { name: "Text" });

async function begin(page: Page, to: string, subject: string): Promise<void> {
  await page.goto("/mail?compose=");
  await composer(page).getByLabel("To", { exact: true }).pressSequentially(`${to},`);
  await composer(page).getByRole("textbox", { name: "Subject" }).fill(subject);
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

it("sends formatted text with a picture in it and a signature; the answer quotes it, folded", async () => {
  const page = await workplace("andrei");
  const subject = `Formatted ${Date.now()}`;
  await begin(page, office.world.user("olga").mailbox, subject);
  await composer(page).getByRole("button", { name: "Templates" }).click();
  await page.getByRole("menuitem", { name: "Templates and signatures…" }).click();
  await page.getByRole("tab", { name: "Signatures" }).click();
  await page.getByRole("textbox", { name: "Signature" }).fill("Andrei of Acme");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Signature saved").waitFor();
  await page.keyboard.press("Escape");
  await begin(page, office.world.user("olga").mailbox, subject);
  await composer(page).getByRole("button", { name: "Show: Signature" }).waitFor();
  await text(page).click();
  await page.keyboard.press("Control+b");
  await page.keyboard.type("Bold");
  await page.keyboard.press("Control+b");
  await page.keyboard.type(" and plain ");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    composer(page).getByRole("button", { name: "Picture in the text" }).click(),
  ]);
  await chooser.setFiles({ name: "plan.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") });
  await text(page).locator("img[data-cid]").waitFor();
  await page.locator('[data-testid="composer"][data-draft="saved"]').waitFor();
  await page.reload();
  await text(page).locator("img[data-cid]").waitFor();
  expect(
    await text(page)
      .locator("img[data-cid]")
      .evaluate((i: HTMLImageElement) => i.naturalWidth),
  ).toBe(1);
  await composer(page)
    .getByRole("button", { name: /^Send Ctrl/ })
    .click();
  await page.getByText("Mail sent").waitFor();

  const olga = await workplace("olga");
  await olga.goto("/mail");
  await olga.getByRole("button", { name: new RegExp(subject) }).click({ timeout: 30_000 });
  const reading = olga.getByRole("region", { name: "Conversation", exact: true });
  const frame = reading.frameLocator("iframe");
  await frame.locator("strong", { hasText: "Bold" }).waitFor();
  await frame.getByText("Andrei of Acme").waitFor();
  expect(await frame.locator("img").getAttribute("src")).toMatch(/^data:image\/png/);
  await reading.getByRole("button", { name: "Reply", exact: true }).click();
  await composer(olga).getByRole("button", { name: "Show: Quoted mail" }).click();
  const quote = composer(olga).frameLocator('iframe[title="Quoted mail"]');
  await quote.getByText("and plain").waitFor();
  expect(await quote.locator("img").getAttribute("src")).toMatch(/^data:image\/png/);
});

it("fills a template with what the seller may know of the client, and asks before a place is sent open", async () => {
  const page = await workplace("maria");
  await begin(page, radu, "");
  await composer(page).getByRole("button", { name: "Templates" }).click();
  await page.getByRole("menuitem", { name: "Templates and signatures…" }).click();
  await page.getByRole("button", { name: "Add a template" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Follow up");
  await page.getByRole("dialog").getByRole("textbox", { name: "Subject" }).fill("For {{contact.name}}");
  await page
    .getByRole("textbox", { name: "Text of the template" })
    .fill("Dear {{contact.first_name}}, your {{contact.shoe size}}");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Follow up").waitFor();
  await page.keyboard.press("Escape");
  await composer(page).getByRole("button", { name: "Templates" }).click();
  await page.getByRole("menuitem", { name: "Follow up" }).click();
  await expect.poll(() => text(page).innerText()).toContain("Dear Radu, your {{contact.shoe size}}");
  expect(await composer(page).getByRole("textbox", { name: "Subject" }).inputValue()).toBe("For Radu Georgescu");
  await composer(page)
    .getByRole("button", { name: /^Send Ctrl/ })
    .click();
  await composer(page).getByRole("alert").getByText("{{contact.shoe size}}").waitFor();
  await composer(page).getByRole("button", { name: "Send all the same" }).click();
  await page.getByText("Mail sent").waitFor();
});

it("takes a sent mail back, sends one later, and puts a conversation off", async () => {
  const page = await workplace("ion");
  const subject = `Back ${Date.now()}`;
  await begin(page, office.world.user("olga").mailbox, subject);
  await text(page).fill("Not yet.");
  await composer(page)
    .getByRole("button", { name: /^Send Ctrl/ })
    .click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => text(page).innerText()).toBe("Not yet.");
  await composer(page).getByRole("button", { name: "Later, and more" }).click();
  await page
    .getByRole("menuitem", { name: /In a week/ })
    .first()
    .click();
  await page.getByRole("link", { name: /Scheduled/ }).click();
  await page.getByRole("list", { name: "Scheduled" }).getByText(subject).waitFor();
  await page.getByRole("button", { name: "Take back and change" }).click();
  await expect.poll(() => text(page).innerText()).toBe("Not yet.");

  const asked = `Put off ${Date.now()}`;
  await office.world.post(radu, office.world.user("ion").mailbox, "--subject", asked);
  await page.goto("/mail");
  const row = page.getByRole("button", { name: new RegExp(asked) });
  await row.focus();
  await page.keyboard.press("b");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Tomorrow morning/ })
    .click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("link", { name: /Put off/ }).click();
  await row.waitFor();
});

it("sorts mail as it comes by a rule made on the screen", async () => {
  const page = await workplace("olga");
  await page.goto("/mail");
  await page.getByRole("button", { name: "Rules and away" }).click();
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Sales talk");
  await page.getByRole("group", { name: "Condition" }).getByLabel("What of it").first().click();
  await page.getByRole("option", { name: "Subject", exact: true }).click();
  const subject = `Bargain ${Date.now()}`;
  await page.getByRole("textbox", { name: "Value" }).fill("bargain");
  await page.getByRole("checkbox", { name: "Into Trash" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("switch", { name: "Follow Sales talk" }).waitFor();
  await page.keyboard.press("Escape");
  await office.world.post(radu, office.world.user("olga").mailbox, "--subject", subject);
  await page.getByTestId("card-name").waitFor(); // it is known; the card hides the folders
  await page.goto("/mail");
  await page.getByRole("link", { name: /Trash/ }).first().click();
  await page.getByRole("button", { name: new RegExp(subject) }).waitFor();
});
