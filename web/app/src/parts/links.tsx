import { useLingui } from "@lingui/react/macro";
import { useCompose } from "~/app/compose";
import { useDial } from "~/app/live";
import { phone } from "~/i18n/format";
import classes from "./parts.module.css";

/** A number that calls when clicked. */
export function PhoneLink({ number }: { number: string }) {
  const { t } = useLingui();
  const dial = useDial();
  const shown = phone(number);
  return (
    <button
      type="button"
      className={`${classes.link} ${classes.number}`}
      aria-label={t`Call ${shown}`}
      onClick={(e) => {
        e.stopPropagation();
        dial(number);
      }}
    >
      {shown}
    </button>
  );
}

/** An address that opens a new mail when clicked. */
export function MailLink({ address }: { address: string }) {
  const { t } = useLingui();
  const compose = useCompose();
  return (
    <button
      type="button"
      className={classes.link}
      aria-label={t`Write to ${address}`}
      onClick={(e) => {
        e.stopPropagation();
        compose({ to: [address] });
      }}
    >
      {address}
    </button>
  );
}
