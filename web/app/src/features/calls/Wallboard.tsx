import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, Title } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import { useMe, useUsers } from "~/api/queries";
import { Timer } from "~/app/Timer";
import { agentStates, word } from "~/app/words";
import { phone, when } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { UserTag } from "~/parts/people";
import { type Meaning, State } from "~/parts/State";
import {
  type AgentChange,
  type Caller,
  type LiveAgent,
  type LiveQueue,
  useAgent,
  useCancelCallback,
  useLiveQueues,
} from "./queries";
import { ListenIn, useSupervised, useSupervises } from "./Supervised";
import classes from "./Wallboard.module.css";

/** The queues as they are now: who waits, and what their agents do. */
export function Wallboard() {
  const { data, isPending, error, refetch } = useLiveQueues();
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data.length) {
    return (
      <Empty icon={<IconUsersGroup />} title={<Trans>You are in no queue</Trans>}>
        <Trans>An administrator makes queues and chooses their agents under Settings → Telephony.</Trans>
      </Empty>
    );
  }
  return (
    <div className={classes.board}>
      <Own all={data} />
      {data.map((q) => (
        <OneQueue key={q.id} q={q} />
      ))}
    </div>
  );
}

/** What one does oneself, and the switches for it. */
function Own({ all }: { all: LiveQueue[] }) {
  const me = useMe()?.id;
  const mine = all.flatMap((q) => q.agents).find((a) => a.user === me);
  if (!mine) return null;
  return (
    <Group gap="md" className={classes.own}>
      <Text fw={600}>
        <Trans>You</Trans>
      </Text>
      <AgentState a={mine} />
      <Switches a={mine} />
    </Group>
  );
}

/** Logs an agent in or out, and pauses. */
function Switches({ a }: { a: LiveAgent }) {
  const change = useAgent(a.user);
  const to = (what: AgentChange) => () => change.mutate(what);
  if (!a.logged_in)
    return (
      <Button size="compact-sm" onClick={to({ logged_in: true })}>
        <Trans>Log in</Trans>
      </Button>
    );
  return (
    <Group gap="xs" wrap="nowrap">
      <Button size="compact-sm" variant="default" onClick={to({ paused: !a.paused })}>
        {a.paused ? <Trans>Go on</Trans> : <Trans>Pause</Trans>}
      </Button>
      <Button size="compact-sm" variant="default" onClick={to({ logged_in: false })}>
        <Trans>Log out of queues</Trans>
      </Button>
    </Group>
  );
}

function OneQueue({ q }: { q: LiveQueue }) {
  const { t } = useLingui();
  const admin = useMe()?.role === "admin";
  const users = useUsers();
  const nameOf = (id: string) => users.find((u) => u.id === id)?.name ?? "—";
  const supervised = useSupervised(useSupervises()).data ?? [];
  const running = (user: string) =>
    supervised.filter((v) => v.legs.some((l) => l.user === user && l.state === "active"));
  const first = q.callers[0];
  const { waiting } = q;
  return (
    <section className={classes.queue} aria-label={q.name}>
      <Group gap="lg" className={classes.head}>
        <Title order={2}>{q.name}</Title>
        <State is={waiting ? "wait" : "off"}>
          <Plural value={waiting} _0="Nobody waits" one="# caller waits" other="# callers wait" />
        </State>
        {first && (
          <Text c="dimmed">
            <Trans>
              Longest: <Timer since={first.since} />
            </Trans>
          </Text>
        )}
      </Group>
      <div className={classes.parts}>
        <ul className={classes.rows} aria-label={t`Agents`}>
          {q.agents.map((a) => (
            <li key={a.user} className={classes.row}>
              <div className={classes.who}>
                <UserTag id={a.user} />
              </div>
              <AgentState a={a} />
              {running(a.user).map((view) => (
                <ListenIn key={view.call} view={view} who={nameOf(a.user)} />
              ))}
              {admin && <Switches a={a} />}
            </li>
          ))}
        </ul>
        <ol className={classes.rows} aria-label={t`Callers`}>
          {q.callers.map((c) => (
            <li key={c.call} className={classes.row}>
              <Text className={classes.who} truncate>
                {c.name || phone(c.number) || <Trans>Number withheld</Trans>}
              </Text>
              {c.callback && <Callback c={c} />}
              <Timer since={c.since} />
            </li>
          ))}
          {waiting === 0 && (
            <li className={classes.row}>
              <Text c="dimmed">
                <Trans>Nobody waits</Trans>
              </Text>
            </li>
          )}
          {waiting > q.callers.length && (
            <li className={classes.row}>
              <Text c="dimmed">
                <Plural value={waiting - q.callers.length} one="# more" other="# more" />
              </Text>
            </li>
          )}
        </ol>
      </div>
    </section>
  );
}

/** Somebody who has hung up and is called when it is his turn. */
function Callback({ c }: { c: Caller }) {
  const cancel = useCancelCallback(c.queue);
  const later = Date.parse(c.after) > Date.now();
  const at = when(c.after);
  return (
    <>
      <State is={later ? "off" : "wait"}>
        {c.tries > 0 && later ? <Trans>Called in vain, again at {at}</Trans> : <Trans>Is called back</Trans>}
      </State>
      <Button size="compact-sm" variant="default" onClick={() => cancel.mutate(c.call)}>
        <Trans>Do not call back</Trans>
      </Button>
    </>
  );
}

const meanings: Record<LiveAgent["state"], Meaning> = {
  offline: "off",
  paused: "wait",
  rung: "wait",
  talking: "live",
  busy: "wait",
  wrap_up: "wait",
  free: "live",
};

function AgentState({ a }: { a: LiveAgent }) {
  return <State is={meanings[a.state]}>{word(agentStates, a.state)}</State>;
}
