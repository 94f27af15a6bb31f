import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import classes from "./Reports.module.css";
import type { Row } from "./report";

/** Calls to us over time: what was answered below, what was missed on top of it. The table says the same in figures. */
export function Bars({ rows, label, name }: { rows: Row[]; label: string; name: (key: string) => string }) {
  const { t } = useLingui();
  const most = Math.max(1, ...rows.map((r) => r.answered + r.missed));
  const every = Math.ceil(rows.length / 12);
  const height = (n: number) => ({ height: `${(100 * n) / most}%` });
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.legend}>
        <Text fw={600}>{label}</Text>
        <span className={classes.key} data-is="answered">
          <Trans context="calls">Answered</Trans>
        </span>
        <span className={classes.key} data-is="missed">
          <Trans context="calls">Missed</Trans>
        </span>
        <Text c="dimmed" ml="auto">
          <Trans>Highest: {most}</Trans>
        </Text>
      </figcaption>
      <ol className={classes.bars}>
        {rows.map((r, i) => {
          const said = t`${name(r.key)}: ${r.answered} answered, ${r.missed} missed`;
          return (
            <li key={r.key} className={classes.bar} title={said} aria-label={said}>
              <span className={classes.column}>
                <span className={classes.part} data-is="missed" style={height(r.missed)} />
                <span className={classes.part} data-is="answered" style={height(r.answered)} />
              </span>
              <span className={classes.tick} aria-hidden>
                {i % every === 0 ? name(r.key) : ""}
              </span>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
