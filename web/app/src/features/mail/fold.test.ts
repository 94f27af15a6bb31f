import { expect, it } from "vitest";
import { folded } from "./fold";

const pre = (text: string) => `<div style="white-space: pre-wrap">${text}</div>`;

it("folds the quote below an answer, once however deep it goes", () => {
  const html = folded("<p>Yes.</p><blockquote>Is it?<blockquote>older</blockquote></blockquote>");
  expect(html.match(/<details>/g)).toHaveLength(1);
  expect(html).toContain("<p>Yes.</p><details><summary>•••</summary>");
});

it("folds the quoted end of a plain text", () => {
  const html = folded(pre("Yes.\n\nAna wrote:\n&gt; one\n&gt; two\n&gt; three\n"));
  expect(html).toMatch(/Ana wrote:\n<details>/);
  expect(html).toContain("&gt; three");
});

it("shows a mail that is nothing but a quote, and leaves others alone", () => {
  expect(folded("<blockquote>Alone</blockquote>")).toBe("<blockquote>Alone</blockquote>");
  expect(folded(pre("a &gt; b\n&gt; one line"))).not.toContain("details");
});
