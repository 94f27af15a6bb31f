/** How a mail begins: a new one, an answer, or one that is sent on. */
import { quoteOf } from "./drafts";
import { forwarded } from "./forward";
import type { Words } from "./keeper";
import { answerTo, replySubject } from "./people";
import { taken } from "./pictures";
import type { Mailbox, Message } from "./queries";

type Begin = { words: Words; files: File[] };
type Signed = (address: string) => string;

/** A new mail, or the answer to one. */
export function begin(boxes: Mailbox[], signed: Signed, to: string[], m?: Message, all?: boolean): Begin {
  const own = boxes.map((b) => b.address);
  const from = m ? ownAddress(own, m) : (own[0] ?? "");
  const none = { from, cc: [], bcc: [], subject: "", html: "", signature: signed(from), quote: "", reply: "" };
  if (!m) return { words: { ...none, to }, files: [] };
  const { html: quote, files } = taken(quoteOf(m));
  const subject = replySubject(m.subject);
  return { words: { ...none, ...answerTo(m, own, all ?? false), subject, quote, reply: m.id }, files };
}

/** A message as it is sent on: what it says below a head that tells whose it was. */
export function sentOn(boxes: Mailbox[], signed: Signed, m: Message): Begin {
  const from = ownAddress(
    boxes.map((b) => b.address),
    m,
  );
  const subject = `Fwd: ${m.subject.replace(/^((fwd?|wg|пересл)\s*:\s*)+/i, "")}`;
  const { html: quote, files } = taken(forwarded(m));
  const words = { from, to: [], cc: [], bcc: [], subject, html: "", signature: signed(from), quote, reply: "" };
  return { words, files };
}

/** The address of ours that the message came to or went out from; the first one otherwise. */
function ownAddress(own: string[], m: Message): string {
  const named = [m.from, ...m.to, ...m.cc].map((p) => p.address);
  return own.find((a) => named.includes(a)) ?? own[0] ?? "";
}
