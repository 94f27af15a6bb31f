/** Mail that is sent on. */

import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Problem } from "~/api";
import { fullDate } from "~/i18n/format";
import { saysOf } from "./drafts";
import { escaped } from "./letter";
import type { Message, Person } from "./queries";

const person = (p: Person) => (p.name ? `${p.name} <${p.address}>` : p.address);

/** What a message says, below a head that tells whose it was. */
export function forwarded(m: Message): string {
  const head = [
    `---------- ${i18n._(msg`Forwarded mail`)} ----------`,
    `${i18n._(msg`From`)}: ${person(m.from)}`,
    `${i18n._(msg`Date`)}: ${fullDate(m.date)}`,
    `${i18n._(msg`Subject`)}: ${m.subject}`,
    `${i18n._(msg`To`)}: ${m.to.map(person).join(", ")}`,
  ];
  return `<p>${head.map(escaped).join("<br>")}</p>${saysOf(m)}`;
}

/** The files of a message, to go with another one. */
export async function filesOn(m: Message): Promise<File[]> {
  return Promise.all(
    m.files.map(async (f) => {
      const answer = await fetch(`/api/v1/mail/messages/${m.id}/files/${f.part}`);
      if (!answer.ok) throw new Problem(answer.status, answer.statusText);
      return new File([await answer.blob()], f.name || f.part, { type: f.type });
    }),
  );
}
