import { i18n } from "@lingui/core";
import { beforeEach, expect, it } from "vitest";
import type { CardView } from "~/api";
import { subtitleOf, titleOf } from "./words";

beforeEach(async () => {
  const { messages } = await import("~/locales/ro.po");
  i18n.loadAndActivate({ locale: "ro", messages });
});

it.each([
  [{ what: "lead_stage", from: "new", to: "junk" }, "Etapă: Nou → Nedorite"],
  [{ what: "deal_stage", from: "New", to: "Offer sent" }, "Etapă: New → Offer sent"],
  [{ what: "responsible", to: "Maria Popa" }, "Responsabil: – → Maria Popa"],
  [{ what: "call_back", name: "+40722123456" }, "De sunat înapoi: +40 722 123 456"],
] as const)("says what the server made of %o in one's language", (made, said) =>
  expect(titleOf({ title: "in English", made })).toBe(said),
);

it("leaves a person's own words alone", () => expect(titleOf({ title: "Call back Ion" })).toBe("Call back Ion"));

it("says where a lead came from", () => {
  const lead = { source: "manual", line: "", company_name: "Pop SRL" } as CardView["lead"];
  expect(subtitleOf({ subtitle: "manual · Pop SRL", lead })).toBe("Manual · Pop SRL");
  expect(subtitleOf({ subtitle: "Owner · Atelier" })).toBe("Owner · Atelier");
});
