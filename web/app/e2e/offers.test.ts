import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { Looks } from "./looks";
import { Office } from "./office";

const office = new Office();
const shots = process.env.OFFER_SHOTS;

async function shoot(page: Page, name: string): Promise<void> {
  if (!shots) return;
  for (const [scheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: width === 390 ? 844 : 720 });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${shots}/${name}-${scheme}-${width}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
}

const pdf = async (page: Page, id: string) => {
  const answer = await page.request.get(`/api/v1/offers/${id}/pdf`);
  expect(answer.headers()["content-type"]).toBe("application/pdf");
  return (await answer.body()).subarray(0, 5).toString();
};
const idOf = (page: Page) => page.url().split("/").at(-1)!;
const part = (page: Page) => page.getByRole("region", { name: "Offers and invoices" });

it("goes from a product to an offer that is mailed and accepted, and an invoice that is paid", async () => {
  const admin = await office.workplace("elena");
  await admin.goto("/settings/offers");
  await admin.getByRole("button", { name: "Add a product" }).click();
  const form = admin.getByRole("dialog");
  await form.getByRole("textbox", { name: "Name" }).fill("Desk phone T54");
  await form.getByRole("textbox", { name: "Product number (SKU)" }).fill("T54");
  await form.getByRole("textbox", { name: "Unit" }).fill("pcs");
  await form.getByRole("textbox", { name: "Amount" }).fill("129.90");
  await form.getByRole("textbox", { name: "VAT, %" }).fill("21");
  await form.getByRole("button", { name: "Save" }).click();
  await admin.getByText("T54 · €129.90 / pcs · VAT 21%").waitFor();
  await admin.getByRole("textbox", { name: "Name of the company" }).fill("Acme Telecom SRL");
  await admin.getByRole("textbox", { name: "Bank" }).fill("RO49 AAAA 1B31 0075 9384 0000");
  await admin.getByRole("button", { name: "Save" }).click();
  await admin.getByText("Saved").waitFor();
  await shoot(admin, "settings");
  const looks = new Looks(admin);
  await looks.at("settings");
  expect(looks.wrong).toEqual({});

  const page = await office.workplace("maria");
  await page.goto("/crm/deals?view=list");
  await page.getByText("Yearly service").first().click();
  await part(page).getByText("Nothing was offered yet.").waitFor();
  await shoot(page, "empty");
  await part(page).getByRole("button", { name: "New offer" }).click();
  await page.getByRole("heading", { name: /^Offer O-\d{4}-0001$/ }).waitFor();
  await page.getByRole("button", { name: "Add a line" }).click();
  await page.keyboard.type("t5");
  await page.getByRole("option", { name: /Desk phone T54/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("2.5");
  await page.getByTestId("net").getByText("€324.75").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type("Installation");
  await page.getByRole("textbox", { name: "Price, line 2" }).fill("80");
  await page.getByRole("textbox", { name: "Discount, line 2" }).fill("12.5");
  await page.getByRole("textbox", { name: "VAT, line 2" }).fill("11");
  await page.getByTestId("totals").getByText("€470.65").waitFor(); // 324.75 + 70 + 68.20 + 7.70
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.reload();
  await page.getByTestId("totals").getByText("€470.65").waitFor();
  expect(await page.getByRole("combobox", { name: "What is sold, line 1" }).inputValue()).toBe("Desk phone T54");
  expect(await pdf(page, idOf(page))).toBe("%PDF-");
  await shoot(page, "draft");
  const seen = new Looks(page);
  await seen.at("draft");
  expect(seen.wrong).toEqual({});

  const subject = `Offer for you ${Date.now()}`;
  await page.getByRole("button", { name: "Send…" }).click();
  const composer = page.getByTestId("composer");
  await composer.getByText(/O-\d{4}-0001\.pdf/).waitFor();
  await composer.getByRole("textbox", { name: "Text" }).getByText("please find our offer O-").waitFor();
  await composer.getByRole("textbox", { name: "Subject" }).fill(subject);
  const to = composer.getByLabel("To", { exact: true });
  await to.pressSequentially(`${office.world.user("olga").mailbox},`);
  await page.locator('[data-testid="composer"][data-draft="saved"]').waitFor();
  await shoot(page, "mail");
  await composer.getByRole("button", { name: /^Send Ctrl/ }).click();
  await page.getByRole("button", { name: "Accepted" }).waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: /Yearly service/ }).click();
  const timeline = page.getByTestId("timeline");
  await timeline.getByText(subject).first().waitFor();
  await timeline.getByText(/^Offer sent: O-/).waitFor();
  await shoot(page, "card");

  const olga = await office.workplace("olga");
  await olga.goto("/mail");
  await olga.getByRole("button", { name: new RegExp(subject) }).click({ timeout: 30_000 });
  await olga.getByText(/O-\d{4}-0001\.pdf/).waitFor();

  await part(page)
    .getByRole("link", { name: /Offer O-/ })
    .click();
  await page.getByRole("button", { name: "Accepted" }).click();
  await page.getByRole("button", { name: /^Move it to/ }).click();
  await page.getByText("Deal moved").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await shoot(page, "accepted");
  await page.getByRole("button", { name: "More", exact: true }).first().click();
  await page.getByRole("menuitem", { name: /Take €470.65 as the deal/ }).click();
  await page.getByText("The deal's amount is changed").waitFor();
  await page.getByRole("button", { name: "Make an invoice" }).click();
  await page.getByRole("heading", { name: "Invoice", exact: true }).waitFor();
  await page.getByRole("button", { name: "Issue" }).click();
  await page.getByRole("heading", { name: /^Invoice I-\d{4}-0001$/ }).waitFor();
  expect(await page.getByRole("textbox", { name: "Price, line 2" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Paid…" }).click();
  await page.getByRole("button", { name: "It is paid" }).click();
  await page.getByText("Paid", { exact: true }).first().waitFor();
  await shoot(page, "paid");
  expect(await pdf(page, idOf(page))).toBe("%PDF-");
});
