import { fullDate, when } from "~/i18n/format";

/** A moment, as short as it stays clear; whole on hover. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={fullDate(at)}>
      {when(at)}
    </time>
  );
}
