import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { i18n } from "@lingui/core";
import { beforeEach, expect, it } from "vitest";
import { Problem } from "~/api";
import { patterns, sentences, told } from "./problems";

beforeEach(async () => {
  const { messages } = await import("~/locales/ro.po");
  i18n.loadAndActivate({ locale: "ro", messages });
});

const rooms = ["crmcore", "mail", "pbx", "web"];
const server = join(import.meta.dirname, "../../../..");

/** What the server's rooms are written like. */
function source(): string {
  const files = rooms.flatMap((room) =>
    readdirSync(join(server, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
      .map((file) => readFileSync(join(server, room, file), "utf8")),
  );
  return files.join("\n").replaceAll(/" ?\+\s*"/g, ""); // a long one goes over several lines
}

it("knows only sentences that the server still says", () => {
  const said = source();
  expect(Object.keys(sentences).filter((s) => !said.includes(`"${s}"`))).toEqual([]);
  const formats = [...said.matchAll(/"((?:%q|%s|an extension)[^"]*)"/g)].map((m) =>
    m[1]!.replace("%q", '"x"').replace(/%[sd]/, "7"),
  );
  expect(patterns.filter(([pattern]) => !formats.some((f) => pattern.test(f)))).toEqual([]);
});

it("says in one's language, field by field, what is wrong, and what it does not know as the server does", () => {
  const fields = { caller_id: '"12" is no telephone number', login: "this login or mailbox is another user's" };
  expect(told(new Problem(422, "x", fields))).toBe(
    "12 nu este un număr de telefon. Scrieți-l ca +40 21 123 4567. Acest nume de utilizator sau această adresă este a altui coleg. Alegeți altceva.",
  );
  expect(told(new Problem(409, "the moon is full"))).toBe("the moon is full");
});
