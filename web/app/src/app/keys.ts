import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useEffect, useRef } from "react";
import { Store } from "~/live/store";

export type Shortcut = { keys: string; what: MessageDescriptor; do: () => void };

const pause = 1200; // ms between the two keys of "g d"

/** Pages by their letter after g. */
export const places = [
  { key: "h", to: "/", params: {}, name: msg`My day` },
  { key: "l", to: "/crm/$list", params: { list: "leads" }, name: msg`Leads` },
  { key: "d", to: "/crm/$list", params: { list: "deals" }, name: msg`Deals` },
  { key: "c", to: "/crm/$list", params: { list: "contacts" }, name: msg`Contacts` },
  { key: "o", to: "/crm/$list", params: { list: "companies" }, name: msg`Companies` },
  { key: "m", to: "/mail", params: {}, name: msg`Mail` },
  { key: "p", to: "/calls", params: {}, name: msg`Calls` },
  { key: "v", to: "/meetings", params: {}, name: msg`Meetings` },
  { key: "s", to: "/settings", params: {}, name: msg`Settings` },
] as const;

/** Name of a key press: "alt+a", "ctrl+k", "m", "?". */
export function pressed(
  e: Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">,
): string {
  const foreign = e.altKey || e.key > "~"; // Alt changes the letter on some layouts; others have no Latin letters
  const key = foreign && e.code.startsWith("Key") ? e.code.slice(3) : e.key;
  const shift = e.shiftKey && /^[a-z]$/i.test(key) ? "shift+" : ""; // else the key says so itself: "?"
  return `${e.ctrlKey || e.metaKey ? "ctrl+" : ""}${e.altKey ? "alt+" : ""}${shift}${key.toLowerCase()}`;
}

/** Whether the person is typing, so that letters are letters. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

/** Whether a bare key means a shortcut there: not in a field, and not behind the back of an open dialog. */
export function free(target: EventTarget | null): boolean {
  return !typing(target) && !(target instanceof Element && target.closest("[aria-modal=true]"));
}

/** Keys of the page that is open; they come before those that work everywhere. */
export const pageKeys = new Store<{ keys: Shortcut[] }>({ keys: [] });

/** Gives the page keys of its own while it is there. */
export function usePageKeys(keys: Shortcut[]): void {
  useEffect(() => pageKeys.set({ keys }), [keys]);
  useEffect(() => () => pageKeys.set({ keys: [] }), []);
}

/** Listens for shortcuts on the whole page; "g d" is two keys one after another. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const now = useRef(shortcuts);
  now.current = shortcuts;
  useEffect(() => {
    let before = { key: "", at: 0 };
    const down = (e: KeyboardEvent) => {
      const key = pressed(e);
      const held = e.ctrlKey || e.altKey || e.metaKey;
      if (e.defaultPrevented || (!held && !free(e.target))) return;
      const both = `${before.key} ${key}`;
      const recent = performance.now() - before.at < pause;
      before = { key, at: performance.now() };
      const found = now.current.find((s) => recent && s.keys === both) ?? now.current.find((s) => s.keys === key);
      if (!found) return;
      e.preventDefault();
      found.do();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
}
