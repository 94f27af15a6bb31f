import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Office } from "./office";

const radu = "radu@clients.example"; // of the demo: Radu Georgescu, whom maria looks after

const office = new Office();
const workplace = (login: string) => office.workplace(login);

it("opens the card of who writes; the answer is written there and lands in Sent and the timeline", async () => {
  const page = await workplace("maria");
  const subject = `Offer ${Date.now()}`;
  await office.world.post(
    radu,
    office.world.user("maria").mailbox,
    "--subject",
    subject,
    "--text",
    "Please send the offer again.",
  );
  await expect.poll(() => page.getByTestId("card-name").textContent()).toBe("Radu Georgescu");
  const timeline = page.getByTestId("timeline");
  await timeline.getByText(subject, { exact: true }).waitFor();
  await timeline.locator('[data-kind="mail"]').first().getByRole("button").first().click();
  await timeline.getByRole("button", { name: "Reply" }).click();
  await page.keyboard.type("Here it is.");
  await page.keyboard.press("Control+Enter");
  // Ours and then the client's answer to it: what he writes opens his card, which would hide the folders below.
  await timeline.getByText(`Re: ${subject}`, { exact: true }).nth(1).waitFor();
  await page.goto("/mail");
  await page.getByRole("link", { name: /Sent/ }).first().click();
  await page.getByRole("button", { name: new RegExp(`Re: ${subject}`) }).waitFor();
});

it("shows a conversation, marks it read, and moves it to Junk and back", async () => {
  const page = await workplace("maria");
  const subject = `Visit ${Date.now()}`;
  await office.world.post(radu, office.world.user("maria").mailbox, "--subject", subject);
  await page.goto("/mail");
  await page.getByRole("button", { name: new RegExp(subject) }).click();
  const reading = page.getByRole("region", { name: "Conversation", exact: true });
  await reading.frameLocator("iframe").getByText("please call me back").waitFor();
  await reading.getByRole("button", { name: "Junk" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: new RegExp(subject) }).waitFor();
});

it("writes a new mail from the keyboard alone", async () => {
  const page = await workplace("andrei");
  const subject = `News ${Date.now()}`;
  await page.keyboard.press("c");
  await page.getByTestId("composer").waitFor();
  await page.keyboard.type(`${office.world.user("ion").mailbox},`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type(subject);
  await page.keyboard.press("Tab");
  await page.keyboard.type("All is well.");
  await page.keyboard.press("Control+Enter");
  const colleague = await workplace("ion");
  await colleague.goto("/mail");
  await colleague.getByRole("button", { name: new RegExp(subject) }).waitFor();
});

it("sends files that were chosen, dropped and pasted, and they arrive byte for byte", async () => {
  const page = await workplace("andrei");
  const subject = `Plans ${Date.now()}`;
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
  await page.goto("/mail?compose=");
  const composer = page.getByTestId("composer");
  await composer.getByLabel("To", { exact: true }).pressSequentially(`${office.world.user("olga").mailbox},`);
  await composer.getByRole("textbox", { name: "Subject" }).fill(subject);
  await composer.locator('input[type="file"]').setInputFiles([
    { name: "plan ș.bin", mimeType: "application/octet-stream", buffer: content },
    { name: "mistake.txt", mimeType: "text/plain", buffer: Buffer.from("not this one") },
  ]);
  await composer.getByRole("button", { name: "Remove mistake.txt" }).click();
  for (const kind of ["drop", "paste"] as const)
    await composer.getByRole("textbox", { name: "Text" }).evaluate((field, kind) => {
      const data = new DataTransfer();
      data.items.add(new File([kind], `${kind}.txt`, { type: "text/plain" }));
      const init = { bubbles: true, cancelable: true };
      field.dispatchEvent(
        kind === "drop"
          ? new DragEvent("drop", { ...init, dataTransfer: data })
          : new ClipboardEvent("paste", { ...init, clipboardData: data }),
      );
    }, kind);
  await composer.getByRole("list", { name: "Attached files" }).getByText("paste.txt").waitFor();
  await composer.getByRole("button", { name: /^Send Ctrl/ }).click();
  await page.getByText("Mail sent").waitFor();
  const colleague = await workplace("olga");
  await colleague.goto("/mail");
  await colleague.getByRole("button", { name: new RegExp(subject) }).click();
  const saved = async (name: string) => {
    const [download] = await Promise.all([
      colleague.waitForEvent("download"),
      colleague.getByRole("link", { name: new RegExp(name) }).click(),
    ]);
    return readFileSync(await download.path());
  };
  expect((await saved("plan ș.bin")).equals(content)).toBe(true);
  expect((await saved("drop.txt")).toString()).toBe("drop");
  expect((await saved("paste.txt")).toString()).toBe("paste");
  expect(await colleague.getByRole("link", { name: /mistake/ }).count()).toBe(0);
});
