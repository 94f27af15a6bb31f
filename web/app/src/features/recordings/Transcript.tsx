import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api, ok, type Ref } from "~/api";
import { client, useMe } from "~/api/queries";
import { attempt } from "~/app/live";
import { say } from "~/app/notify";
import { duration } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { type Recording, type Transcript as Said, useTranscript, useWordsOn, writeAgain } from "./queries";
import classes from "./Transcript.module.css";

/** What the sides of a recording are called: ours, and the other. */
export type Speakers = [ours: string | undefined, theirs: string | undefined];

type Props = { of: Recording; speakers: Speakers; entity?: Ref; onSeek: (seconds: number) => void };

/** What was said in a recording, folded until somebody wants to read it. */
export function Transcript({ of: r, speakers, entity, onSeek }: Props) {
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useTranscript(r.id, open || r.words === "failed");
  if (r.words === "waiting")
    return (
      <Text size="xs" c="dimmed">
        <Trans>What was said is being written down</Trans>
      </Text>
    );
  if (r.words === "failed") return <Failed id={r.id} why={data?.trouble} />;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div data-testid="transcript">
      <UnstyledButton className={classes.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron className={classes.icon} aria-hidden />
        <Trans>What was said</Trans>
      </UnstyledButton>
      {open && error && <Failure error={error} retry={() => void refetch()} />}
      {open && !data && !error && <LateRows count={2} />}
      {open && data && (
        <>
          <Proposed t={data} entity={entity} />
          <Lines t={data} speakers={speakers} onSeek={onSeek} />
        </>
      )}
    </div>
  );
}

/** A recording of which nothing is written down: it was made before somebody did that. */
export function Unwritten({ id }: { id: string }) {
  if (!useWordsOn()) return null;
  return (
    <Button variant="subtle" size="compact-xs" onClick={() => void writeAgain(id)}>
      <Trans>Write down what was said</Trans>
    </Button>
  );
}

function Failed({ id, why }: { id: string; why: string | undefined }) {
  const admin = useMe()?.role === "admin";
  return (
    <Group gap="xs">
      <Text size="xs" c="dimmed" title={why}>
        <Trans>What was said could not be written down</Trans>
        {admin && why && `: ${why}`}
      </Text>
      <Button variant="subtle" size="compact-xs" onClick={() => void writeAgain(id)}>
        <Trans>Try again</Trans>
      </Button>
    </Group>
  );
}

function Lines({ t: said, speakers, onSeek }: { t: Said; speakers: Speakers; onSeek: (seconds: number) => void }) {
  const { t } = useLingui();
  const names = { ours: speakers[0] || t`Us`, theirs: speakers[1] || t`The other side` };
  if (!said.lines?.length)
    return (
      <Text size="xs" c="dimmed">
        <Trans>No words were recognised.</Trans>
      </Text>
    );
  return (
    <ol className={classes.lines}>
      {said.lines.map((l) => (
        <li key={`${l.side}${l.begins}`} data-side={l.side}>
          <UnstyledButton
            className={classes.at}
            aria-label={t`Play from ${duration(Math.floor(l.begins))}`}
            onClick={() => onSeek(l.begins)}
          >
            {duration(Math.floor(l.begins))}
          </UnstyledButton>
          <span className={classes.who}>{names[l.side]}</span>
          <span>{l.text}</span>
        </li>
      ))}
    </ol>
  );
}

/** What a machine makes of the call: a proposal. */
function Proposed({ t: said, entity }: { t: Said; entity: Ref | undefined }) {
  const { t } = useLingui();
  const [taken, setTaken] = useState<string[]>([]);
  if (!said.summary && !said.steps?.length) return null;
  const take = (title: string, of: Ref) =>
    attempt(
      ok(api.POST("/api/v1/tasks", { body: { entity: of, title } })).then(() => {
        setTaken((all) => [...all, title]);
        say(msg`Task added`);
        for (const key of ["card", "timeline", "day"]) void client.invalidateQueries({ queryKey: [key] });
      }),
    );
  return (
    <section className={classes.proposed} aria-label={t`Summary`}>
      <Text size="xs" c="dimmed">
        <Trans>Summary by a machine: check it</Trans>
      </Text>
      {said.summary && <Text size="sm">{said.summary}</Text>}
      <ul className={classes.steps}>
        {said.steps?.map((s) => (
          <li key={s}>
            {s}
            {entity && !taken.includes(s) && (
              <Button
                variant="subtle"
                size="compact-xs"
                leftSection={<IconPlus className={classes.icon} />}
                aria-label={t`Make it a task: ${s}`}
                onClick={() => take(s, entity)}
              >
                <Trans>Task</Trans>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
