/** Pages of the workplace as axe sees them, in both themes. */
import type { Page } from "playwright-core";
import { colours, everything, findings } from "./axe";

export const pages = [
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

export const dialog = (page: Page) => page.getByRole("dialog");

/** What axe finds wrong where it looks. */
export class Looks {
  readonly wrong: Record<string, string[]> = {};

  constructor(private readonly page: Page) {}

  /** Looks at what the page shows. The themes differ in colours alone. */
  async at(name: string, within = "body"): Promise<void> {
    this.note(name, await findings(this.page, within, everything));
    await this.theme("dark");
    this.note(`${name}, dark`, await findings(this.page, within, colours));
    await this.theme("light");
  }

  private note(name: string, found: string[]) {
    if (found.length) this.wrong[name] = found;
  }

  private async theme(colorScheme: "light" | "dark") {
    await this.page.emulateMedia({ colorScheme });
    await this.page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
  }
}
