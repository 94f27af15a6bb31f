import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { enter, launch } from "./browser";
import { World } from "./world";

/** A demo company and a browser, for the tests of a file. */
export class Office {
  world!: World;
  browser!: Browser;
  private readonly pages: Page[] = [];

  /** Opens it before the first test and closes it after the last; windows are closed after each. */
  constructor() {
    beforeAll(async () => {
      this.world = await World.start();
      this.browser = await launch();
    });
    afterAll(async () => {
      await this.browser?.close();
      await this.world?.stop();
    });
    afterEach(async () => {
      for (const page of this.pages.splice(0)) await page.context().close();
    });
  }

  /** Another window, on a machine of its own, of a user of the demo who is logged in. */
  async workplace(login: string): Promise<Page> {
    const page = await enter(this.browser, this.world, this.world.user(login));
    this.pages.push(page);
    return page;
  }
}
