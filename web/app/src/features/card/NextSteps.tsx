import { Trans, useLingui } from "@lingui/react/macro";
import { Checkbox, Text } from "@mantine/core";
import type { CardView } from "~/api";
import { titleOf } from "~/app/words";
import { useDone } from "~/features/day/queries";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./RecordCard.module.css";

/** Open tasks of a client. */
export function NextSteps({ view }: { view: CardView }) {
  const { t } = useLingui();
  const done = useDone();
  if (!view.tasks.length) return null;
  return (
    <section className={classes.section}>
      <Text fw={600}>
        <Trans>Next</Trans>
      </Text>
      {view.tasks.map((task) => (
        <div key={task.id} className={classes.point} {...step}>
          <Checkbox
            size="xs"
            aria-label={t`Done: ${titleOf(task)}`}
            checked={task.outcome === "done"}
            onChange={() => done(task)}
          />
          <Text span truncate flex={1}>
            {titleOf(task)}
          </Text>
          {task.due && (
            <Text span size="xs" c={Date.parse(task.due) < Date.now() ? "var(--fd-bad)" : "dimmed"}>
              <When at={task.due} />
            </Text>
          )}
        </div>
      ))}
    </section>
  );
}
