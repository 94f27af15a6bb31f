import type { ReactNode } from "react";
import classes from "./parts.module.css";

export type Meaning = "live" | "wait" | "bad" | "off";

/** A state in a colour and a word; the colour never stands alone. */
export function State({ is, children }: { is: Meaning; children: ReactNode }) {
  return (
    <span className={classes.state} data-state={is}>
      <span className={classes.dot} data-state={is} aria-hidden />
      <span className={classes.said}>{children}</span>
    </span>
  );
}
