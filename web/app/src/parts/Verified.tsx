import { Trans } from "@lingui/react/macro";
import { State } from "./State";

/** The carrier's word on the caller's number, where it is believed; nothing where it says nothing. */
export function Verified({ is }: { is: string | undefined }) {
  if (is === "passed")
    return (
      <State is="live">
        <Trans>Verified by the carrier</Trans>
      </State>
    );
  if (is === "failed")
    return (
      <State is="bad">
        <Trans>The number failed the carrier's check</Trans>
      </State>
    );
  if (is === "none")
    return (
      <State is="off">
        <Trans>Number not verified</Trans>
      </State>
    );
  return null;
}
