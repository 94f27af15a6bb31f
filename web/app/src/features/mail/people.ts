import type { Person } from "./queries";

/** A person of a header in one line. */
export function personName(p: Person | undefined): string {
  return p?.name || p?.address || "";
}

/** The mail addresses in a text as people paste it: lists of any kind, with names or without. */
export function addressesIn(text: string): string[] {
  return [...new Set(text.match(/[^\s<>,;:"'()[\]]+@[^\s<>,;:"'()[\]]+/g) ?? [])];
}

/** Subject of an answer: one "Re:" only, whatever the language of the others. */
export function replySubject(subject: string): string {
  return `Re: ${subject.replace(/^((re|aw|sv|отв|ответ|răsp|rasp)(\[\d+\])?\s*:\s*)+/i, "")}`;
}

type Addressed = { from: Person; to: Person[]; cc: Person[]; reply_to?: Person[]; outgoing: boolean };

/** Whom an answer goes to; all adds everybody but ourselves. */
export function answerTo(m: Addressed, own: string[], all: boolean): { to: string[]; cc: string[] } {
  const addresses = (people: Person[] | undefined) => (people ?? []).map((p) => p.address);
  const ours = new Set(own);
  const first = m.outgoing ? addresses(m.to) : m.reply_to?.length ? addresses(m.reply_to) : [m.from.address];
  const rest = all ? [...addresses(m.to), ...addresses(m.cc)].filter((a) => !ours.has(a) && !first.includes(a)) : [];
  return { to: first, cc: [...new Set(rest)] };
}
