import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Problem } from "~/api";
import { useMe } from "~/api/queries";
import { useNames } from "~/parts/people";
import classes from "./Team.module.css";
import { crossing, type TeamState } from "./team";

/** Whether a mail was not sent as a colleague answers, too. */
export const crosses = (err: unknown): boolean => err instanceof Problem && err.status === 428;

/** Says above an answer which colleagues write one, too, or sent one since it was begun. */
export function Clash({ state }: { state: TeamState }) {
  const me = useMe()?.id ?? "";
  const names = useNames();
  const [since] = useState(Date.now);
  const { answered, answering } = crossing(state, me, since);
  if (!answered.length && !answering.length) return null;
  return (
    <div className={classes.clash} role="alert">
      {answered.length > 0 && (
        <Text size="sm" fw={600}>
          <Trans>{names(answered)} has answered since you began. Read that first.</Trans>
        </Text>
      )}
      {answering.length > 0 && (
        <Text size="sm">
          <Trans>{names(answering)} answers this conversation, too.</Trans>
        </Text>
      )}
    </div>
  );
}

/** Asks who sends the second answer whether it shall go out. */
export function Crossing({ onSend, onStop }: { onSend: () => void; onStop: () => void }) {
  return (
    <Group gap="sm" role="alert" className={classes.clash}>
      <Text size="sm" fw={600}>
        <Trans>Not sent: a colleague answers, too, or has just done so.</Trans>
      </Text>
      <Button size="xs" variant="default" onClick={onSend}>
        <Trans>Send all the same</Trans>
      </Button>
      <Button size="xs" variant="subtle" color="gray" onClick={onStop}>
        <Trans>Go on writing</Trans>
      </Button>
    </Group>
  );
}
