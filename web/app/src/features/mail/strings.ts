import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";

/** Names of the folders every mailbox has, by special use; "" is the inbox. */
export const folderNames: Words = {
  INBOX: msg`Inbox`,
  Sent: msg`Sent`,
  Junk: msg`Junk`,
  Drafts: msg`Drafts`,
  Trash: msg`Trash`,
  Archive: msg`Archive`,
};

/** Why the filter said junk. */
export const junkReasons: Words = {
  spf_fail: msg`Sent from a server the sender's domain does not allow`,
  dkim_fail: msg`The signature is wrong`,
  dmarc_fail: msg`The sender's address is not proven`,
  dnsbl: msg`The sending server is on a blocklist`,
  words: msg`It reads like junk you marked before`,
};
