import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** The texts of a catalogue that have no translation; `npm run strings` brings new texts into it. */
function untranslated(language: string): string[] {
  const entries = readFileSync(`src/locales/${language}.po`, "utf8").split("\n\n").slice(1);
  return entries.filter((e) => /msgid "./.test(e) && /msgstr ""\n*$/.test(e));
}

it.each(["en", "ro", "ru"])("%s has every text", (language) => {
  expect(untranslated(language)).toEqual([]);
});
