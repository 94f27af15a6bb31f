/** The server's sentences that people meet, in the reader's language. It speaks English to programs; what is not listed is shown as it says it. */
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Problem } from "~/api";

const changed = msg`Somebody else changed this meanwhile. Load the page again, then make your change.`;

/** By what the server says. */
export const sentences: Record<string, MessageDescriptor> = {
  "There is no such thing, or it is not yours to see: ask its responsible user or an administrator.": msg`This is not there any more, or it is not yours to see. Ask its responsible colleague or an administrator.`,
  "this is somebody else's; ask them or an administrator": msg`This is somebody else's. Ask them or an administrator.`,
  "changed by someone else meanwhile: load it again": changed,
  "changed by somebody else meanwhile: load it again": changed,
  "this draft was changed somewhere else meanwhile": msg`This draft was changed somewhere else meanwhile.`,
  "You ask for too much at once. Wait for the answers, then try again.": msg`Too much at once. Wait a moment, then try again.`,
  "This server has a lot to do; calls and mail go first. Try again in a moment.": msg`The server has a lot to do; calls and mail go first. Try again in a moment.`,
  "This took too long and was stopped. Ask for less: more letters in a search, a narrower filter. Or try again in a moment.": msg`This took too long and was stopped. Ask for less: more letters in a search, a narrower filter. Or try again in a moment.`,
  "This server can't reach its data right now. Try again in a moment.": msg`The server can't reach its data just now. Try again in a moment.`,
  "You have asked about many numbers and addresses. Wait a little, or just save: it is told then too.": msg`You have asked about many numbers and addresses. Wait a little, or just save: it is told then, too.`,

  "The login, the password or the code is wrong.": msg`The login, the password or the code is wrong.`,
  "The password or the code is wrong.": msg`The password or the code is wrong.`,
  "The code is wrong: check that the clock of your phone is right.": msg`The code is wrong: check that the clock of your phone is right.`,
  "Your company asks for a second factor: it can't be switched off.": msg`Your company asks for a second factor: it can't be switched off.`,
  "set up your own first, in your account": msg`Set up your own second factor first, in your account.`,
  "the record that stands was changed or used since: it can't be taken apart any more": msg`The record that stands was changed or used since: it can't be taken apart any more.`,
  "Type the name as it stands on the card.": msg`Type the name as it stands on the card.`,
  "Too many wrong passwords. Wait a little and try again.": msg`Too many wrong passwords. Wait a little and try again.`,
  "The old password is wrong.": msg`The old password is wrong.`,
  "use 8 to 1024 characters": msg`Use 8 to 1024 characters for the password.`,
  "this login or mailbox is another user's": msg`This login or mail address is another colleague's. Choose another one.`,
  "phones get passwords over https only: give the server a certificate, or allow http.plain_setup in the configuration": msg`Phones get their passwords over https only. Give the server a certificate, or allow http.plain_setup in the configuration.`,
  "twelve digits 0–9 and a–f, as on the phone's label": msg`A MAC address has twelve digits 0–9 and a–f, as on the phone's label.`,
  "another phone has it": msg`Another phone has this MAC address.`,
  "use letters, digits, dot, dash and underscore, at most 64": msg`A login has letters, digits, dot, dash and underscore, at most 64.`,
  "somebody has to be an active admin": msg`Somebody has to stay administrator. Make another person one first.`,
  "nobody dismisses himself: let another administrator do it": msg`Nobody dismisses himself. Let another administrator do it.`,
  "move its people, departments and leads elsewhere first": msg`Move its people, departments and leads elsewhere first.`,
  "move its deals elsewhere first": msg`Move its deals elsewhere first.`,
  "the last rule stays, so that nobody is lost; edit it or switch it off instead": msg`The last rule stays, so that nobody is lost. Edit it or switch it off instead.`,

  "not a phone number: write it with its country code, such as +40 21 123 4567": msg`That is no telephone number. Write it with its country code, such as +40 21 123 4567.`,
  "too short for a client's number": msg`That is too short for a client's number.`,
  "not a mail address: write it as name@domain": msg`That is no mail address. Write it as name@domain.`,
  "is in cents, from 0 to ten trillion": msg`The amount is too big or below 0.`,
  "this lead is converted already": msg`This lead is converted already.`,
  "the lead is converted: work with its contact and deal": msg`This lead is converted. Work with its contact and deal.`,

  "the mailbox is full": msg`The mailbox is full. Delete some mails first.`,
  "the name is taken": msg`This name or address is taken. Choose another one.`,
  "invalid name or address": msg`This is no valid name or address.`,
  "the mail with its files is bigger than this server takes: take a file out, or share it another way": msg`The mail with its files is bigger than this server takes. Take a file out, or share it another way.`,
  "the sender address belongs to no mailbox of this user": msg`You may not write from this address. Choose another one, or ask an administrator.`,
  "give between 1 and 200 valid recipient addresses": msg`Give between 1 and 200 valid addresses to send this to.`,
  "Other mails with files are on their way; wait for them, then send again.": msg`Other mails with files are on their way. Wait for them, then send again.`,

  "still in use": msg`This is still in use. Take it out of there first.`,
  "no such trunk": msg`Choose a line. There is no such one any more.`,
  "choose a user": msg`Choose a colleague.`,
  "choose 1 to 50 users": msg`Choose 1 to 50 colleagues.`,
  "choose whose phone it is": msg`Choose whose phone it is.`,
  "registering needs a user name": msg`To log in there, give a user.`,
  "to log in there, give its host name or address": msg`To log in there, give its host.`,
  "must be a host name or address, with :port if it isn't 5060; leave it empty for a PBX that registers here": msg`The host is a name or an address, with :port if it is not 5060.`,
  "must be one to four digits": msg`The prefix has one to four digits.`,
  "at least 8 characters: phones are attacked day and night": msg`Use at least 8 characters: phones are attacked day and night.`,
};

/** And where it names what was wrong. */
export const patterns: [RegExp, (what: string) => MessageDescriptor][] = [
  [/^"(.*)" is no telephone number$/, (what) => msg`${what} is no telephone number. Write it as +40 21 123 4567.`],
  [/^"(.*)" is no short number$/, (what) => msg`${what} is no short number.`],
  [/^"(.*)" is taken$/, (what) => msg`${what} is taken. Choose another one.`],
  [/^(\d+) is an emergency number$/, (what) => msg`${what} is an emergency number. Choose another one.`],
  [/^an extension has two to (\d+) digits$/, (what) => msg`An extension has two to ${what} digits.`],
  [
    /^"(.*)" is no IP address or network like 198.51.100.0\/24$/,
    (what) => msg`${what} is no IP address or network like 198.51.100.0/24.`,
  ],
];

/** Why the server did not do it, field by field. */
export function told({ message, fields }: Problem): string {
  const all = Object.values(fields);
  return all.length ? all.map(translate).join(" ") : translate(message);
}

function translate(sentence: string): string {
  const known = sentences[sentence];
  if (known) return i18n._(known);
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(sentence);
    if (found) return i18n._(words(found[1] ?? ""));
  }
  return sentence;
}
