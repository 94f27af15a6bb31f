import { useEffect, useState } from "react";
import { duration } from "~/i18n/format";

/** Time since a moment, in minutes and seconds. */
export function Timer({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <span role="timer" style={{ fontVariantNumeric: "tabular-nums" }}>
      {duration((now - Date.parse(since)) / 1000)}
    </span>
  );
}
