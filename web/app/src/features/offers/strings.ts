import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";
import type { Meaning } from "~/parts/State";
import type { State } from "./queries";

export const kindNames: Words = { offer: msg`Offer`, invoice: msg`Invoice` };

export const stateNames: Words = {
  draft: msg({ message: "Draft", context: "offer" }),
  sent: msg({ message: "Sent", context: "offer" }),
  accepted: msg({ message: "Accepted", context: "offer" }),
  declined: msg({ message: "Declined", context: "offer" }),
  issued: msg({ message: "Issued", context: "invoice" }),
  paid: msg({ message: "Paid", context: "invoice" }),
  cancelled: msg({ message: "Cancelled", context: "invoice" }),
};

export const meanings: Record<State, Meaning> = {
  draft: "off",
  sent: "wait",
  accepted: "live",
  declined: "bad",
  issued: "wait",
  paid: "live",
  cancelled: "bad",
};
