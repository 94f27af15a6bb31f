import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { components } from "~/api/schema";
import { type Words, word } from "~/app/words";

/** Who has to have a second factor. */
export const demands: Words = {
  "": msg`Nobody: who wants has one`,
  admins: msg`Administrators`,
  everybody: msg`Everybody`,
};

/** What kinds of acts are known. */
export const kinds: Words = {
  login: msg`Log-ins`,
  account: msg`Passwords and tokens`,
  people: msg`People and rights`,
  settings: msg`Settings`,
  data: msg`Exports and data`,
  recording: msg`Recordings`,
};

/** Acts that have a word of their own; the others are told by what they changed. */
const acts: Words = {
  "post-login": msg`Logged in`,
  "post-logout": msg`Logged out`,
  "post-logout-everywhere": msg`Logged out everywhere`,
  "delete-me-sessions": msg`Logged out everywhere else`,
  "delete-me-sessions-id": msg`Logged another browser out`,
  "post-me-password": msg`Changed the password`,
  "post-me-second-factor": msg`Began with a second factor`,
  "post-me-second-factor-confirm": msg`Switched the second factor on`,
  "post-me-second-factor-off": msg`Switched the second factor off`,
  "post-me-second-factor-recovery": msg`Made new recovery codes`,
  "post-tokens": msg`Made an API token`,
  "delete-tokens-id": msg`Revoked an API token`,
  "post-users": msg`Made a user`,
  "patch-users-id": msg`Changed a user or his rights`,
  "post-users-id-dismiss": msg`Dismissed a user`,
  "post-users-id-reinstate": msg`Let a user back in`,
  "post-users-id-password": msg`Set a user's password`,
  "delete-users-id-second-factor": msg`Took a user's second factor`,
  "get-exports-kind": msg`Exported a list`,
  "get-audit-csv": msg`Exported who did what`,
  "get-recordings-id-sound": msg`Listened to a recording`,
  "get-recordings-id-transcript": msg`Read a recording`,
  "post-persons-kind-id-find": msg`Looked for a person's data`,
  "get-persons-kind-id-file": msg`Exported a person's data`,
  "post-persons-kind-id-erase": msg`Erased a person's data`,
};

const changes: Words = {
  post: msg`Made or started`,
  put: msg`Changed`,
  patch: msg`Changed`,
  delete: msg`Deleted`,
  get: msg`Read`,
};

/** An act in words. */
export function actOf(e: Pick<components["schemas"]["AuditEntry"], "act" | "kind" | "status">): string {
  if (e.act === "post-login" && e.status >= 400) return i18n._(msg`Log-in refused`);
  if (acts[e.act]) return i18n._(acts[e.act]!);
  return `${word(kinds, e.kind)}: ${word(changes, e.act.split("-")[0] ?? "")}`;
}
