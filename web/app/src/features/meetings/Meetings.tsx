import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text, TextInput } from "@mantine/core";
import { IconVideo } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { attempt } from "~/app/live";
import { type Column, DataTable } from "~/parts/DataTable";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Page } from "~/parts/Page";
import { UserTag } from "~/parts/people";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { useInside } from "./inside";
import classes from "./Meetings.module.css";
import { type Meeting, useMeetings } from "./queries";
import { startMeeting } from "./start";

/** Rooms to meet in, and starting one now. */
export default function Meetings() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const start = () => attempt(startMeeting(title.trim() || t`Meeting`, navigate));
  return (
    <Page
      flush
      title={t`Meetings`}
      actions={
        <form
          className={classes.start}
          onSubmit={(e) => {
            e.preventDefault();
            start();
          }}
        >
          <TextInput
            size="xs"
            aria-label={t`Title of the meeting`}
            placeholder={t`Title`}
            value={title}
            onChange={(e) => setTitle(e.currentTarget.value)}
          />
          <Button type="submit" leftSection={<IconVideo className={classes.icon} />}>
            <Trans>Start now</Trans>
          </Button>
        </form>
      }
    >
      <List onStart={start} />
    </Page>
  );
}

function List({ onStart }: { onStart: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { rows, more, isPending, error, refetch } = useMeetings();
  const columns = useMemo(
    (): Column<Meeting>[] => [
      {
        id: "title",
        title: t`Title`,
        width: "minmax(0,3fr)",
        cell: (m) => (
          <Text span fw={500} title={m.title}>
            {m.title}
          </Text>
        ),
      },
      {
        id: "about",
        title: t`About`,
        width: "minmax(0,2fr)",
        minor: true,
        cell: (m) => (
          <Text span c="dimmed" truncate>
            {m.about.map((a) => a.name).join(", ")}
          </Text>
        ),
      },
      {
        id: "now",
        title: t`Now`,
        width: "minmax(0,2fr)",
        cell: (m) => <InRoom meeting={m} />,
      },
      {
        id: "owner",
        title: t`Opened by`,
        width: "minmax(0,1.5fr)",
        minor: true,
        cell: (m) => <UserTag id={m.owner} />,
      },
      {
        id: "created",
        title: t`Opened`,
        width: "var(--fd-col-wide)",
        minor: true,
        end: true,
        cell: (m) => <When at={m.created} />,
      },
    ],
    [t],
  );
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (isPending) return <LateRows />;
  if (!rows.length) {
    return (
      <Empty
        icon={<IconVideo />}
        title={<Trans>No meetings yet</Trans>}
        action={
          <Button onClick={onStart}>
            <Trans>Start one now</Trans>
          </Button>
        }
      >
        <Trans>See and hear your colleagues, and clients by phone. Invite them with a click once you are in.</Trans>
      </Empty>
    );
  }
  return (
    <DataTable
      label={t`Meetings`}
      rows={rows}
      columns={columns}
      rowKey={(m) => m.id}
      onEnd={more}
      onOpen={(m) => void navigate({ to: "/meetings/$room", params: { room: m.id } })}
    />
  );
}

function InRoom({ meeting }: { meeting: Meeting }) {
  const { count, names } = useInside(meeting);
  if (!count)
    return (
      <Text span c="dimmed">
        —
      </Text>
    );
  return (
    <State is="live">
      <Text span inherit truncate title={names}>
        <Trans>
          {count} inside: {names}
        </Trans>
      </Text>
    </State>
  );
}
