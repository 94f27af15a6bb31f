import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { complain } from "~/app/notify";
import { fullDate } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import classes from "./Composer.module.css";
import { problems, type Scheduled, sendStored, takeBack, useScheduled } from "./later";
import { personName } from "./people";
import threads from "./Threads.module.css";

/** Mails that go out later. To change one is to take it back: it is a draft again. */
export function ScheduledList() {
  const { t } = useLingui();
  const { data, error, refetch } = useScheduled();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows />;
  if (!data.length)
    return (
      <Empty icon={<IconClock />} title={<Trans>Nothing goes out later</Trans>}>
        <Trans>The arrow beside Send chooses when a mail goes out.</Trans>
      </Empty>
    );
  return (
    <ul className={classes.files} aria-label={t`Scheduled`}>
      {data.map((s) => (
        <Line key={s.draft} s={s} />
      ))}
    </ul>
  );
}

function Line({ s }: { s: Scheduled }) {
  const { i18n } = useLingui();
  const navigate = useNavigate({ from: "/mail" });
  const edit = () => navigate({ search: (before) => ({ ...before, draft: s.draft, thread: undefined }) });
  return (
    <li className={threads.scheduled}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <Text fw={600} truncate>
          {s.to.map(personName).join(", ")}
        </Text>
        <Text size="xs" c="dimmed" style={{ flex: "none" }}>
          {fullDate(s.at)}
        </Text>
      </Group>
      <Text truncate>{s.subject || <Trans>(no subject)</Trans>}</Text>
      {s.problem !== "" && (
        <Text size="xs" className={classes.problem} role="alert">
          {i18n._(problems[s.problem])}
        </Text>
      )}
      <Group gap="xs" mt="xs">
        <Button size="compact-xs" variant="default" onClick={() => takeBack(s.draft).then(edit, complain)}>
          <Trans>Take back and change</Trans>
        </Button>
        {s.problem === "" && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => sendStored(s.draft, s.version, {}, edit).catch(complain)}
          >
            <Trans>Send now</Trans>
          </Button>
        )}
      </Group>
    </li>
  );
}
