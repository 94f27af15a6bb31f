import { useEffect } from "react";
import { typing } from "~/app/keys";

/**
 * Arrows (or j and k) go through every list, and Enter opens: a step of a list carries data-step. With nothing in focus the first arrow goes into the list
 * of the page. A step that is no control itself takes the focus too (tabIndex -1); its Enter presses the control inside that is marked data-open, or goes to
 * the first.
 */
export const step = { "data-step": true, tabIndex: -1 } as const;

/** What uses the arrows itself. */
const own =
  "[role=menu],[role=listbox],[role=combobox],[role=tablist],[role=radiogroup],[role=slider],[role=group],[role=separator],[data-palette]";

/** What bounds a walk: one goes from list to list of a page, but not out of it. */
const bounds = "[role=dialog],nav,aside,main";

const moves: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Where a key leads to from where the focus is; nothing when that is no walk. */
export function next(key: string, from: Element | null, page: ParentNode = document): HTMLElement | undefined {
  const by = moves[key];
  if (!by || typing(from) || from?.closest(own)) return undefined;
  const within = from?.closest(bounds) ?? page.querySelector("main");
  const modal = page.querySelector("[aria-modal=true]");
  if (!within || (modal && !modal.contains(within) && !within.contains(modal))) return undefined;
  const inNav = within.matches("nav");
  const steps = [...within.querySelectorAll<HTMLElement>("[data-step]")].filter((s) => inNav || !s.closest("nav"));
  const here = from?.closest<HTMLElement>("[data-step]");
  if (!here) return by > 0 ? steps[0] : undefined;
  return steps[steps.indexOf(here) + by];
}

/** Opens a step that is no control. */
function open(at: HTMLElement): void {
  const deed = at.querySelector<HTMLElement>("[data-open]");
  if (deed) deed.click();
  else at.querySelector<HTMLElement>("button, a, input")?.focus();
}

/** Makes the lists of the whole page walkable. */
export function useWalk(): void {
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
      const from = document.activeElement;
      const to = next(e.key, from === document.body ? null : from);
      if (to) {
        to.focus();
        to.scrollIntoView({ block: "nearest" });
      } else if (
        e.key === "Enter" &&
        from instanceof HTMLElement &&
        from.matches("li[data-step],div[data-step]:not([role])")
      )
        open(from);
      else return;
      e.preventDefault();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
}
