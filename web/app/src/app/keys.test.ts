import { expect, it } from "vitest";
import { free, pressed, typing } from "./keys";

const key = (key: string, code: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

it.each([
  [key("d", "KeyD"), "d"],
  [key("?", "Slash"), "?"],
  [key("k", "KeyK", { ctrlKey: true }), "ctrl+k"],
  [key("k", "KeyK", { metaKey: true }), "ctrl+k"],
  [key("å", "KeyA", { altKey: true }), "alt+a"],
  [key("J", "KeyJ", { shiftKey: true }), "shift+j"],
  [key("#", "Digit3", { shiftKey: true }), "#"],
  [key("в", "KeyD"), "d"], // a Cyrillic layout
])("names a key press", (event, name) => expect(pressed(event)).toBe(name));

it("knows when somebody types", () => {
  expect(typing(document.createElement("input"))).toBe(true);
  expect(typing(document.createElement("button"))).toBe(false);
  expect(typing(null)).toBe(false);
});

it("leaves a bare key to a field and to an open dialog", () => {
  const dialog = document.createElement("section");
  dialog.setAttribute("aria-modal", "true");
  const inside = dialog.appendChild(document.createElement("button"));
  expect(free(inside)).toBe(false);
  expect(free(document.createElement("input"))).toBe(false);
  expect(free(document.createElement("button"))).toBe(true);
});
