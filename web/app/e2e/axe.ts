/** Asks axe whether people who see, hear or move otherwise can use a page. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Finding = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };

export const everything = ["wcag2a", "wcag2aa", "wcag21aa"];
export const colours = ["color-contrast"];

/** What axe finds wrong with the page, in a line each. The frames of mails are their writers'. */
export async function findings(page: Page, within: string, runOnly: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe); // not a script tag: the page's policy forbids those
  const found = await page.evaluate(
    async ([within, runOnly]) => {
      const { axe } = window as never as {
        axe: { run: (c: unknown, o: unknown) => Promise<{ violations: Finding[] }> };
      };
      // what fades in has its colours at the end; what turns for ever is waited for by nobody
      const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(moving.map((a) => a.finished));
      return (await axe.run({ include: within, exclude: ["iframe"] }, { runOnly })).violations;
    },
    [within, runOnly] as const,
  );
  return found.flatMap((v) =>
    v.nodes.map((n) => `${v.id} ${n.target.join(" ")}: ${n.failureSummary.split("\n")[1]?.trim()}`),
  );
}
