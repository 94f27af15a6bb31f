import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Kbd, Popover, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconPhone, IconPhoneCheck, IconPhoneOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ok, Problem, type Ref } from "~/api";
import { client } from "~/api/queries";
import { cards, roomy } from "~/app/card";
import { type Shortcut, usePageKeys } from "~/app/keys";
import { attempt, useDial, useLiveState } from "~/app/live";
import { say } from "~/app/notify";
import { DispositionFields } from "~/features/calls/Disposition";
import { MomentPicker } from "~/features/mail/MomentPicker";
import { phone } from "~/i18n/format";
import { myCalls, onPhone } from "~/live/state";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import shared from "~/parts/parts.module.css";
import { State } from "~/parts/State";
import classes from "./Calling.module.css";
import { Far } from "./Lists";
import { barredKey, type CallingList, type Item, listsKey, type Said } from "./queries";

const holdOn = 60_000; // ms: a client is ours for three minutes, unless we hold on to him

/** Calls the clients of a list, one after the other. */
export function Work({ list, onLeave }: { list: CallingList; onLeave: () => void }) {
  const key = useMemo(() => [...listsKey, "next", list.id], [list.id]);
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => ok(api.POST("/api/v1/calling-lists/{id}/next", { params: { path: { id: list.id } } })),
    refetchInterval: (q) => (q.state.data?.item ? holdOn : 15_000),
    staleTime: 0,
  });
  const item = data?.item;
  return (
    <>
      <div className={classes.head}>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconArrowLeft className={classes.icon} />}
          onClick={onLeave}
        >
          <Trans>All lists</Trans>
        </Button>
        <Title order={2}>{list.name}</Title>
        <Far of={list} />
      </div>
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LateRows count={3} />
      ) : item ? (
        <Client key={item.id} item={item} again={refetch} />
      ) : (
        <Nobody list={list} />
      )}
    </>
  );
}

function Nobody({ list: { paused, progress: p } }: { list: CallingList }) {
  return (
    <Empty icon={<IconPhoneCheck />} title={<Trans>Nobody is to be called now</Trans>}>
      {paused ? (
        <Trans>The list is paused.</Trans>
      ) : p.left ? (
        <Trans>
          Those who are left wait for their time, or are with colleagues. The next one appears here by itself.
        </Trans>
      ) : (
        <Trans>All clients of the list are done.</Trans>
      )}
    </Empty>
  );
}

type ClientProps = { item: Item; again: () => Promise<unknown> };

/** The client whom one has: the card is open beside, one key calls, and then says what came of it. */
function Client({ item, again }: ClientProps) {
  const { t } = useLingui();
  const dial = useDial();
  const [saying, setSaying] = useState(false);
  const { busy, made, forget } = useMade(item);
  const first = item.numbers.find((n) => !n.never);
  const { kind, id } = item.of;
  useEffect(() => {
    if (roomy()) cards.show({ kind, id } as Ref); // on a telephone it would stand before the client
  }, [kind, id]);
  const called = made?.call;
  useEffect(() => {
    if (called && !busy) void again(); // the server holds on to him for longer now
  }, [called, busy, again]);
  const done = (is: Said, more: { at?: string; why?: string } = {}) => {
    if (saying) return;
    setSaying(true);
    attempt(
      ok(api.POST("/api/v1/calling-items/{id}/outcome", { params: { path: { id: item.id } }, body: { is, ...more } }))
        .catch((err: unknown) => {
          if (!(err instanceof Problem) || err.status !== 404) throw err;
          say(msg`The client went to a colleague: yours was the longest silence.`);
        })
        .then(() => {
          forget();
          void client.invalidateQueries({ queryKey: barredKey });
          return client.invalidateQueries({ queryKey: listsKey });
        })
        .finally(() => setSaying(false)),
    );
  };
  const free = (act: () => void) => () => {
    if (!busy) act();
  };
  const keys: Shortcut[] = [
    { keys: "n", what: msg`Call the client of the list`, do: free(() => first && dial(first.value)) },
    { keys: "1", what: msg`Client done`, do: free(() => done("done")) },
    { keys: "3", what: msg`Client did not answer`, do: free(() => done("no_answer")) },
    { keys: "5", what: msg`Skip the client`, do: free(() => done("skip")) },
  ];
  usePageKeys(useLatest(keys));
  return (
    <section className={classes.work} aria-label={t`Client to call`}>
      <div>
        <Title order={2} data-testid="to-call">
          <button type="button" className={shared.link} onClick={() => cards.show({ kind, id } as Ref)}>
            {item.name}
          </button>
        </Title>
        <Tried item={item} made={made} busy={busy} />
      </div>
      <div className={classes.numbers}>
        {item.numbers.map((n) => (
          <Button
            key={n.value}
            size="md"
            variant={n === first ? "filled" : "default"}
            color={n === first ? "green" : undefined}
            leftSection={n.never ? <IconPhoneOff className={classes.icon} /> : <IconPhone className={classes.icon} />}
            rightSection={n === first ? <Kbd size="xs">n</Kbd> : undefined}
            disabled={n.never || busy}
            onClick={() => dial(n.value)}
          >
            {n.never ? <Trans>{phone(n.value)} asked not to be called</Trans> : <Trans>Call {phone(n.value)}</Trans>}
          </Button>
        ))}
      </div>
      {called && !busy && <DispositionFields key={called} call={called} />}
      <Outcomes silent={made?.answered === false} busy={busy || saying} onSay={done} />
    </section>
  );
}

/** The same array as long as the client is: its keys do what was said last. */
function useLatest(now: Shortcut[]): Shortcut[] {
  const latest = useRef(now);
  latest.current = now;
  return useMemo(() => latest.current.map((k, i) => ({ ...k, do: () => latest.current[i]?.do() })), []);
}

type Made = { call: string; answered: boolean };

/** Whether one is in a call, and the call that one made to a client: as this page saw it, or as the server did. */
function useMade(item: Item): { busy: boolean; made: Made | undefined; forget: () => void } {
  const state = useLiveState();
  const running = [...myCalls(state), ...onPhone(state)];
  const [seen, setSeen] = useState<Made>();
  const view = running.find((c) => item.numbers.some((n) => n.value === c.view.to))?.view;
  const call = view?.call;
  const answered = view?.state === "answered";
  useEffect(() => {
    if (call) setSeen((s) => ({ call, answered: answered || (s?.call === call && s.answered) }));
  }, [call, answered]);
  const told = item.call ? { call: item.call, answered: item.answered ?? false } : undefined;
  return { busy: running.length > 0, made: seen ?? told, forget: () => setSeen(undefined) };
}

function Tried({ item, made, busy }: { item: Item; made: Made | undefined; busy: boolean }) {
  if (busy)
    return (
      <State is="live">
        <Trans>In a call</Trans>
      </State>
    );
  if (made)
    return (
      <State is={made.answered ? "live" : "bad"}>
        {made.answered ? <Trans>You spoke. What came of it?</Trans> : <Trans>Nobody answered</Trans>}
      </State>
    );
  return (
    <Text c="dimmed">
      {item.promised ? (
        <Trans>You said you would call now</Trans>
      ) : item.tries ? (
        <Trans>Called in vain so far: {item.tries}</Trans>
      ) : (
        <Trans>Not called yet</Trans>
      )}
    </Text>
  );
}

type SayProps = { silent: boolean; busy: boolean; onSay: (is: Said, more?: { at?: string; why?: string }) => void };

function Outcomes({ silent, busy, onSay }: SayProps) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  const key = (k: string) => <Kbd size="xs">{k}</Kbd>;
  return (
    <Group gap="sm" role="group" aria-label={t`What came of it`}>
      <Button
        variant={silent ? "default" : "light"}
        disabled={busy}
        rightSection={key("1")}
        onClick={() => onSay("done")}
      >
        <Trans>Done</Trans>
      </Button>
      <Popover opened={opened} onChange={setOpened} trapFocus returnFocus withRoles position="bottom-start">
        <Popover.Target>
          <Button variant="default" disabled={busy} onClick={() => setOpened(!opened)}>
            <Trans>Call again…</Trans>
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <MomentPicker
            onPick={(at) => {
              setOpened(false);
              onSay("again", { at: at.toISOString() });
            }}
          />
        </Popover.Dropdown>
      </Popover>
      <Button
        variant={silent ? "light" : "default"}
        disabled={busy}
        rightSection={key("3")}
        onClick={() => onSay("no_answer")}
      >
        <Trans>No answer: later</Trans>
      </Button>
      <Button variant="default" color="red" disabled={busy} onClick={() => onSay("never")}>
        <Trans>Asked not to be called</Trans>
      </Button>
      <Button variant="subtle" color="gray" disabled={busy} rightSection={key("5")} onClick={() => onSay("skip")}>
        <Trans>Skip</Trans>
      </Button>
    </Group>
  );
}
