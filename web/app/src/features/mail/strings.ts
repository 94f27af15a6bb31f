import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";
import type { Verdict } from "./queries";

const likelyJunk = 0.9; // score

/** Names of the folders every mailbox has, by special use; "" is the inbox. */
export const folderNames: Words = {
  INBOX: msg`Inbox`,
  Sent: msg`Sent`,
  Junk: msg`Junk`,
  Drafts: msg`Drafts`,
  Trash: msg`Trash`,
  Archive: msg`Archive`,
};

/** The folder of what comes back later. */
export const snoozed = msg`Put off`;

/** Why the filter said junk: the checks that failed, and what the mail reads like. */
export function junkReasons({ spf, dkim, dmarc, score }: Verdict): MessageDescriptor[] {
  const checks: [boolean, MessageDescriptor][] = [
    [spf === "fail" || spf === "softfail", msg`Sent from a server the sender's domain does not allow`],
    [dkim === "fail", msg`The signature is wrong`],
    [dmarc === "fail", msg`The sender's address is not proven`],
    [score >= likelyJunk, msg`It reads like junk you marked before`],
  ];
  return checks.flatMap(([failed, words]) => (failed ? [words] : []));
}
