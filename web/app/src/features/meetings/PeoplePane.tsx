import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Text, TextInput, Tooltip } from "@mantine/core";
import { IconMicrophoneOff, IconPhone, IconPhoneOff, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useMe, useUserName, useUsers } from "~/api/queries";
import { attempt, live, stale, useLiveState } from "~/app/live";
import { causes, word } from "~/app/words";
import { phone } from "~/i18n/format";
import type { RoomPerson } from "~/live/protocol";
import { Face, Presence } from "~/parts/people";
import { About } from "./About";
import { DialIn } from "./DialIn";
import classes from "./PeoplePane.module.css";
import { change, useMeeting } from "./queries";

/** Who is in, who is being called in, and whom to ask in. */
export function PeoplePane({ room, people, onClose }: { room: string; people: RoomPerson[]; onClose: () => void }) {
  const { t } = useLingui();
  const inside = people.filter((p) => p.state === "active");
  const called = people.filter((p) => p.state === "ringing" || p.state === "failed").sort(byCall);
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
      {inside.map((p) => (
        <Inside key={p.call ?? p.leg} person={p} />
      ))}
      {called.map((p) => (
        <Called key={p.call} person={p} />
      ))}
      <DialIn room={room} />
      <About room={room} />
      <Text fw={600} mt="lg">
        <Trans>Invite</Trans>
      </Text>
      <CallIn />
      <Invitees room={room} inside={inside.map((p) => p.user)} />
    </aside>
  );
}

/** In the order in which they were called. */
const byCall = (a: RoomPerson, b: RoomPerson) => ((a.call ?? "") < (b.call ?? "") ? -1 : 1);

/** Name and, where it says more, a second line. */
function Who({ name, children }: { name: string; children?: ReactNode }) {
  return (
    <div className={classes.who}>
      <Text truncate title={name}>
        {name}
      </Text>
      {children && (
        <Text size="xs" className={classes.more}>
          {children}
        </Text>
      )}
    </div>
  );
}

/** Somebody who is in. */
function Inside({ person: p }: { person: RoomPerson }) {
  const { t } = useLingui();
  const number = phone(p.number);
  const own = useUserName(p.user);
  return (
    <div className={classes.person} data-testid="inside">
      {p.kind === "browser" ? <Face name={own || p.name} /> : <Handset label={t`By phone`} />}
      <Who name={p.name}>{p.kind === "trunk" && number !== p.name && number}</Who>
      {p.muted && <IconMicrophoneOff className={classes.icon} aria-label={t`Muted`} />}
      {p.kind === "trunk" && (
        <ActionIcon className={classes.close} aria-label={t`Hang up ${p.name}`} onClick={() => remove(p)}>
          <IconPhoneOff className={classes.icon} />
        </ActionIcon>
      )}
    </div>
  );
}

/** Somebody who is being called in, or was in vain. */
function Called({ person: p }: { person: RoomPerson }) {
  const { t } = useLingui();
  const me = useMe();
  const by = useUserName(p.by);
  const rings = p.state === "ringing";
  const state = rings ? t`rings…` : word(causes, p.cause ?? "");
  return (
    <div className={classes.person} data-testid="called" data-state={p.state}>
      <Handset label={t`By phone`} />
      <Who name={p.name}>
        <span className={classes.state}>{state}</span>
        {p.by !== me?.id && by && ` · ${by}`}
      </Who>
      {rings ? (
        <Button variant="default" aria-label={t`Cancel the call to ${p.name}`} onClick={() => remove(p)}>
          <Trans>Cancel</Trans>
        </Button>
      ) : (
        <>
          <Tooltip label={t`Call again`}>
            <ActionIcon
              className={classes.close}
              aria-label={t`Call ${p.name} again`}
              onClick={() => attempt(live.meeting.call(p.number))}
            >
              <IconPhone className={classes.icon} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon
            className={classes.close}
            aria-label={t`Remove ${p.name} from the list`}
            onClick={() => remove(p)}
          >
            <IconX className={classes.icon} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}

const remove = (p: RoomPerson) => attempt(live.meeting.remove(p.call ?? p.leg));

function Handset({ label }: { label: string }) {
  return (
    <span className={classes.handset}>
      <IconPhone className={classes.icon} aria-label={label} />
    </span>
  );
}

/** Calls people in by phone, as many as one likes: what becomes of each stands in the list. */
function CallIn() {
  const { t } = useLingui();
  const [to, setTo] = useState("");
  const call = async (number: string) => {
    setTo("");
    try {
      await live.meeting.call(number);
    } catch (err) {
      setTo((now) => now || number); // to be set right
      throw err;
    }
  };
  return (
    <form
      className={classes.person}
      onSubmit={(e) => {
        e.preventDefault();
        if (to.trim()) attempt(call(to.trim()));
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
      <Button type="submit" variant="default">
        <Trans context="verb">Call</Trans>
      </Button>
    </form>
  );
}

function Invitees({ room, inside }: { room: string; inside: string[] }) {
  const { t } = useLingui();
  const me = useMe();
  const { online } = useLiveState();
  const meeting = useMeeting(room).data;
  const mine = me?.id === meeting?.owner || me?.role === "admin";
  const invited = (user: string) => meeting?.owner === user || (meeting?.people.includes(user) ?? false);
  const rank = (id: string) => (online[id]?.online ? 0 : 1);
  const users = useUsers()
    .filter((u) => u.active && u.id !== me?.id && !inside.includes(u.id))
    .sort((a, b) => rank(a.id) - rank(b.id) || a.name.localeCompare(b.name));
  const invite = async (user: string) => {
    await live.socket.ask("meet.invite", { room, user });
    stale("meeting");
  };
  const uninvite = (user: string) => change(room, (now) => ({ people: now.people.filter((id) => id !== user) }));
  return users.map((u) => (
    <div key={u.id} className={classes.person}>
      <Presence user={u.id} />
      <Text truncate flex={1}>
        {u.name}
      </Text>
      {invited(u.id) && !online[u.id]?.online ? (
        <Text size="xs" className={classes.more}>
          <Trans>Invited</Trans>
        </Text>
      ) : (
        <Button variant="default" aria-label={t`Invite ${u.name}`} onClick={() => attempt(invite(u.id))}>
          {invited(u.id) ? <Trans>Ask again</Trans> : <Trans>Invite</Trans>}
        </Button>
      )}
      {mine && invited(u.id) && u.id !== meeting?.owner && (
        <ActionIcon
          className={classes.close}
          aria-label={t`No longer invite ${u.name}`}
          onClick={() => attempt(uninvite(u.id))}
        >
          <IconX className={classes.icon} />
        </ActionIcon>
      )}
    </div>
  ));
}
