import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";

/** What a column of a file may be. */
export const targetNames: Words = {
  name: msg`Name`,
  first_name: msg`First name`,
  last_name: msg`Last name`,
  title: msg`Title`,
  position: msg`Position`,
  company: msg`Company`,
  phone: msg`Phone`,
  email: msg`Mail address`,
  website: msg`Website`,
  comment: msg`Comment`,
  responsible: msg`Responsible`,
};
