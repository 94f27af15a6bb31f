import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Activity } from "~/api";
import { titleOf, type Words, word } from "~/app/words";
import { didText } from "~/features/automation/did";

/** What a timeline can be narrowed to. */
export const kindNames = {
  all: msg`All`,
  call: msg`Calls`,
  mail: msg`Mails`,
  meeting: msg`Meetings`,
  note: msg`Notes`,
  task: msg`Tasks`,
  change: msg`Changes`,
  automation: msg`Automation`,
};

/** What changed a record, when it was not somebody in the workplace. */
export const through: Words = {
  api: msg`by a program`,
  import: msg`by an import`,
  merge: msg`by merging`,
  rule: msg`by a rule`,
};

/** What of a record changed, when it is none of the company's own fields. */
const traits: Words = {
  name: msg`Name`,
  title: msg`Title`,
  position: msg`Position`,
  company: msg`Company`,
  contact: msg`Contact`,
  website: msg`Website`,
  points: msg`Numbers and addresses`,
  amount: msg`Amount`,
  comment: msg`Comment`,
};

/** What became of an offer or invoice. */
const documents: Words = {
  "offer created": msg`Offer begun`,
  "offer sent": msg`Offer sent`,
  "offer accepted": msg`Offer accepted`,
  "offer declined": msg`Offer declined`,
  "offer reopened": msg`Offer open again`,
  "invoice created": msg`Invoice begun`,
  "invoice issued": msg`Invoice issued`,
  "invoice sent": msg`Invoice sent`,
  "invoice paid": msg`Invoice paid`,
  "invoice cancelled": msg`Invoice cancelled`,
  "invoice reopened": msg`Invoice not paid after all`,
};

const documentSaid = (kind: string | undefined, what: string | undefined, number: string) =>
  [word(documents, `${kind} ${what}`), number].filter(Boolean).join(": ");

/** What an entry says of a change; of anything else, its title. */
export function saidOf(a: Pick<Activity, "title" | "made">): string {
  const { what, name = "", from, to } = a.made ?? {};
  if (what === "merged") return i18n._(msg`Merged with ${name}`);
  if (what === "document") return documentSaid(from, to, name);
  if (what === "rule") {
    const did = didText(a.made?.did ?? []);
    return i18n._(msg`Rule “${name}”: ${did}`);
  }
  if (what === "trait") return `${word(traits, name)}: ${from || "–"} → ${to || "–"}`;
  return titleOf(a);
}
