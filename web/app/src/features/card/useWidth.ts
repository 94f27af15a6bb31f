import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useState } from "react";
import { layout } from "~/theme";

const key = "frontdesk.card.width";
const { least, usual, most, step } = layout.card;

const clamp = (width: number) => Math.min(most, Math.max(least, width));

/** Width of the card pane in px, which the page learns as --fd-card-now, and what makes an element its handle: drag it, or move it with the arrow keys. */
export function useWidth() {
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(key)) || usual));
  useLayoutEffect(() => {
    document.documentElement.style.setProperty("--fd-card-now", `${width}px`);
    return () => void document.documentElement.style.removeProperty("--fd-card-now");
  }, [width]);
  const keep = (next: number) => {
    setWidth(clamp(next));
    localStorage.setItem(key, String(clamp(next)));
  };
  const handle = {
    tabIndex: 0,
    "aria-orientation": "vertical" as const,
    "aria-valuenow": width,
    "aria-valuemin": least,
    "aria-valuemax": most,
    onPointerDown: (e: PointerEvent) => e.currentTarget.setPointerCapture(e.pointerId),
    onPointerMove: (e: PointerEvent) => {
      if (e.currentTarget.hasPointerCapture(e.pointerId)) keep(window.innerWidth - e.clientX);
    },
    onKeyDown: (e: KeyboardEvent) => {
      if (e.key === "ArrowLeft") keep(width + step);
      if (e.key === "ArrowRight") keep(width - step);
    },
  };
  return { width, handle };
}
