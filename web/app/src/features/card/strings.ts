import { msg } from "@lingui/core/macro";

/** What a timeline can be narrowed to. */
export const kindNames = {
  all: msg`All`,
  call: msg`Calls`,
  mail: msg`Mails`,
  meeting: msg`Meetings`,
  note: msg`Notes`,
  task: msg`Tasks`,
  change: msg`Changes`,
};
