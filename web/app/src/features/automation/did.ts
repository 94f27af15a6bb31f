/** What a rule did, as timelines and the log say it. */
import { msg } from "@lingui/core/macro";
import { type Words, word } from "~/app/words";

const deeds: Words = {
  assign: msg`responsible`,
  set: msg`field`,
  move: msg`stage`,
  tag: msg`tags`,
  task: msg`task`,
  notify: msg`told`,
  webhook: msg`webhook`,
  list: msg`calling list`,
};

export type Deed = { what: string; name?: string; to?: string };

/** What a rule did, in one line. */
export function didText(did: Deed[]): string {
  return did
    .map((d) => {
      const name = d.what === "set" ? (d.name ?? "") : word(deeds, d.what);
      const about = d.what === "task" || d.what === "notify" || d.what === "list" || d.what === "webhook" ? d.name : "";
      return [name, [about && `“${about}”`, d.to].filter(Boolean).join(" → ")].filter(Boolean).join(": ");
    })
    .join(" · ");
}
