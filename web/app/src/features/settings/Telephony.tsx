import { telephony } from "./parts.telephony";
import classes from "./Settings.module.css";

/** Lines to the outside, our numbers, and the phones inside. Each part has a name of its own in the address bar. */
export function Telephony() {
  return telephony.flatMap(({ parts }) =>
    parts.map(({ id, Content }) => (
      <div key={id} id={id} tabIndex={-1} data-part className={classes.part}>
        <Content />
      </div>
    )),
  );
}
