import { beforeEach, expect, it } from "vitest";
import { next } from "./walk";

beforeEach(() => {
  document.body.innerHTML = `
    <nav><a id="rail" href="/" data-step></a></nav>
    <main>
      <input id="find" /><nav><a id="folder" href="/" data-step></a><a id="folder2" href="/" data-step></a></nav>
      <ul><li id="a" data-step><button id="deed"></button></li><li id="b" data-step></li></ul>
      <ul><li id="c" data-step></li></ul>
      <div role="tablist"><button id="tab"></button></div>
    </main>
    <aside><button id="card" data-step></button></aside>`;
});

const at = (id: string) => document.getElementById(id);

it.each([
  ["ArrowDown", "", "a"],
  ["j", "", "a"],
  ["ArrowUp", "", undefined],
  ["ArrowDown", "a", "b"],
  ["ArrowDown", "deed", "b"],
  ["k", "b", "a"],
  ["ArrowDown", "b", "c"], // from list to list
  ["ArrowDown", "c", undefined], // and no further
  ["ArrowUp", "a", undefined],
  ["ArrowDown", "folder", "folder2"],
  ["ArrowDown", "folder2", undefined],
  ["j", "find", undefined], // a letter is a letter
  ["ArrowDown", "tab", undefined], // has arrows of its own
  ["Enter", "a", undefined],
  ["ArrowDown", "card", undefined],
])("%s at %j goes to %j", (key, from, to) => {
  expect(next(key, from ? at(from) : null)?.id).toBe(to);
});

it("stays in an open dialog", () => {
  document.body.insertAdjacentHTML(
    "beforeend",
    `<div role="dialog" aria-modal="true"><ul><li id="x" data-step></li><li id="y" data-step></li></ul></div>`,
  );
  expect(next("ArrowDown", null)).toBeUndefined();
  expect(next("ArrowDown", at("a"))).toBeUndefined();
  expect(next("ArrowDown", at("x"))?.id).toBe("y");
});
