import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Text, TextInput } from "@mantine/core";
import { IconMicrophoneOff, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useMe, useUsers } from "~/api/queries";
import { attempt, live, useLiveState } from "~/app/live";
import type { RoomPerson } from "~/live/protocol";
import { Face, Presence } from "~/parts/people";
import { About } from "./About";
import { DialIn } from "./DialIn";
import classes from "./PeoplePane.module.css";

/** Who is in, and whom to ask in. */
export function PeoplePane({ room, people, onClose }: { room: string; people: RoomPerson[]; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <aside className={classes.pane} aria-label={t`People`}>
      <div className={classes.head}>
        <Text fw={600}>
          <Trans>People</Trans>
        </Text>
        <ActionIcon className={classes.close} aria-label={t`Close`} onClick={onClose}>
          <IconX className={classes.icon} />
        </ActionIcon>
      </div>
      {people.map((p) => (
        <div key={p.leg} className={classes.person}>
          <Face name={p.name} />
          <Text truncate flex={1}>
            {p.name}
          </Text>
          {p.muted && <IconMicrophoneOff className={classes.icon} aria-label={t`Muted`} />}
        </div>
      ))}
      <DialIn room={room} />
      <About room={room} />
      <Text fw={600} mt="lg">
        <Trans>Invite</Trans>
      </Text>
      <CallIn />
      <Invitees room={room} inside={people.map((p) => p.user)} />
    </aside>
  );
}

/** Calls somebody in by phone. */
function CallIn() {
  const { t } = useLingui();
  const [to, setTo] = useState("");
  const [busy, setBusy] = useState(false);
  const call = async () => {
    setBusy(true);
    await live.meeting.call(to.trim()).finally(() => setBusy(false));
    setTo("");
  };
  return (
    <form
      className={classes.person}
      onSubmit={(e) => {
        e.preventDefault();
        if (to.trim()) attempt(call());
      }}
    >
      <TextInput
        flex={1}
        size="xs"
        type="tel"
        aria-label={t`Number to call in`}
        placeholder={t`Number`}
        value={to}
        onChange={(e) => setTo(e.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={busy}>
        <Trans context="verb">Call</Trans>
      </Button>
    </form>
  );
}

function Invitees({ room, inside }: { room: string; inside: string[] }) {
  const { t } = useLingui();
  const me = useMe();
  const { online } = useLiveState();
  const [asked, setAsked] = useState<string[]>([]);
  const rank = (id: string) => (online[id]?.online ? 0 : 1);
  const users = useUsers()
    .filter((u) => u.active && u.id !== me?.id && !inside.includes(u.id))
    .sort((a, b) => rank(a.id) - rank(b.id) || a.name.localeCompare(b.name));
  const invite = async (user: string) => {
    await live.socket.ask("meet.invite", { room, user });
    setAsked((a) => [...a, user]);
  };
  return users.map((u) => (
    <div key={u.id} className={classes.person}>
      <Presence user={u.id} />
      <Text truncate flex={1}>
        {u.name}
      </Text>
      <Button
        variant="default"
        disabled={!online[u.id]?.online}
        aria-label={t`Invite ${u.name}`}
        onClick={() => attempt(invite(u.id))}
      >
        {asked.includes(u.id) ? <Trans>Ask again</Trans> : <Trans>Invite</Trans>}
      </Button>
    </div>
  ));
}
