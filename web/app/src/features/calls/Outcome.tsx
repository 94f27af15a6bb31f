import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, ok } from "~/api";
import { useHuntGroups, useMe, useQueues, useUsers } from "~/api/queries";
import { causes, ends, hoursSaid, hows, outcomes, personalSaid, vouchSaid, word } from "~/app/words";
import { useMeeting } from "~/features/meetings/queries";
import { MessagePlayer } from "~/features/recordings/Messages";
import { RecordingPlayer } from "~/features/recordings/Player";
import { useMessages, useRecordings } from "~/features/recordings/queries";
import { duration, phone, unset } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { Verified } from "~/parts/Verified";
import { When } from "~/parts/When";
import classes from "./Calls.module.css";
import { type Call, type CallStep, useSteps } from "./queries";

/** How a call ended; opened, what happened on its way. */
export function Outcome({ c }: { c: Call }) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  const admin = useMe()?.role === "admin";
  const bad = c.outcome === "missed" || c.outcome === "failed";
  const said = word(outcomes, c.outcome);
  const state = <State is={bad ? "bad" : "off"}>{said}</State>;
  if (c.direction === "meeting") return state;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus withRoles>
      <Popover.Target>
        <UnstyledButton
          className={classes.outcome}
          title={c.outcome === "answered" ? undefined : word(causes, c.cause)}
          aria-label={t`${said}: what happened`}
          onClick={(e) => {
            e.stopPropagation();
            setOpened(!opened);
          }}
        >
          {state}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown onClick={(e) => e.stopPropagation()}>
        <Verified is={c.verified} />
        <Recorded c={c} />
        <Steps call={c.id} />
        {admin && <Overheard call={c.id} />}
      </Popover.Dropdown>
    </Popover>
  );
}

/** What was said, for those who may hear it; nothing for others. */
function Recorded({ c }: { c: Call }) {
  const calls = useMemo(() => [c.id], [c.id]);
  const users = useUsers();
  const admin = useMe()?.role === "admin";
  const ours = users
    .filter((u) => c.users.includes(u.id))
    .map((u) => u.name)
    .join(", ");
  const theirs = c.direction === "in" ? c.from_name || phone(c.from) : c.to_name || phone(c.to);
  const outside = c.direction === "in" || c.direction === "out";
  return useRecordings(calls)
    .get(c.id)
    ?.map((r) => (
      <div key={r.id}>
        <RecordingPlayer of={r} speakers={outside ? [ours, theirs] : [phone(c.from), phone(c.to)]} />
        {admin && <Listeners id={r.id} />}
      </div>
    ));
}

/** Who heard or read a recording, for administrators; nothing where nobody did. */
function Listeners({ id }: { id: string }) {
  const { t } = useLingui();
  const users = useUsers();
  const [open, setOpen] = useState(false);
  const { data } = useQuery({
    queryKey: ["recordings", "listeners", id],
    queryFn: async () => (await ok(api.GET("/api/v1/recordings/{id}/listeners", { params: { path: { id } } }))).items,
    enabled: open,
  });
  return (
    <div>
      <UnstyledButton className={classes.heard} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Trans>Who listened</Trans>
      </UnstyledButton>
      {open && data && (
        <ul className={classes.listeners} aria-label={t`Who listened`}>
          {data.map((l) => (
            <li key={l.user + l.at}>
              {users.find((u) => u.id === l.user)?.name ?? "—"} <When at={l.at} />
            </li>
          ))}
          {!data.length && (
            <li>
              <Trans>Nobody yet</Trans>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

/** Who listened in on the call, for administrators; nothing where nobody did. */
function Overheard({ call }: { call: string }) {
  const users = useUsers();
  const { data } = useQuery({
    queryKey: ["calls", "supervision", call],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/calls/{id}/supervision", { params: { path: { id: call } } }))).items,
  });
  const names = [
    ...new Set(
      data
        ?.filter((d) => d.how !== "left")
        .map((d) => `${users.find((u) => u.id === d.user)?.name ?? "—"} (${word(hows, d.how)})`),
    ),
  ];
  if (!names.length) return null;
  const who = names.join(", ");
  return (
    <Text c="dimmed">
      <Trans>Listened in: {who}</Trans>
    </Text>
  );
}

function Steps({ call }: { call: string }) {
  const { data, isPending, error, refetch } = useSteps(call);
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data.length) return <Trans>No more is known.</Trans>;
  return (
    <ol className={classes.steps}>
      {data.map((s) => (
        <li key={s.begun + s.kind}>
          <Step s={s} />
          {s.kind === "voicemail" && s.outcome === "recorded" && <Message call={call} />}
        </li>
      ))}
    </ol>
  );
}

function Step({ s }: { s: CallStep }) {
  const { t, i18n } = useLingui();
  const users = useUsers();
  const name = (id: string) => users.find((u) => u.id === id)?.name ?? "—";
  const whom = new Intl.ListFormat(i18n.locale).format(s.users.map(name));
  const number = phone(s.number ?? "");
  const by = s.answered_by && s.users.length > 1 ? name(s.answered_by) : "";
  if (s.kind === "hours") return word(hoursSaid, s.outcome);
  if (s.kind === "vouch") return word(vouchSaid, s.outcome);
  if (s.kind === "personal") return `${whom}: ${word(personalSaid, s.outcome)}`;
  if (s.kind === "announce" || s.kind === "menu" || s.kind === "voicemail") return <Machine s={s} />;
  if (s.kind === "queue") return <Waited s={s} />;
  if (s.kind === "callback") return <CalledBack s={s} />;
  if (s.kind === "hunt_group") return <Group id={s.item ?? ""} />;
  if (s.kind === "meeting") return <Room id={s.item ?? ""} />;
  const came = s.outcome !== "answered" ? word(ends, s.outcome) : by ? t`Answered by ${by}` : word(outcomes, s.outcome);
  return (
    <>
      {s.kind === "park" ? (
        <Trans>Was parked</Trans>
      ) : s.kind !== "dial" ? (
        <Trans>Rang {whom}</Trans>
      ) : number ? (
        <Trans>Called {number}</Trans>
      ) : (
        <Trans>Called the number that the phone forwards to</Trans>
      )}
      <Text span c="dimmed">
        {unset(s.ended) ? "" : duration((Date.parse(s.ended) - Date.parse(s.begun)) / 1000)}
      </Text>
      <Text span>{came}</Text>
    </>
  );
}

function Group({ id }: { id: string }) {
  const group = useHuntGroups().find((g) => g.id === id)?.name ?? "—";
  return <Trans>Hunt group {group}</Trans>;
}

function Room({ id }: { id: string }) {
  const title = useMeeting(id).data?.title ?? "—";
  return <Trans>Came into the meeting {title}</Trans>;
}

/** What the caller said, for those whose voicemail it is; nothing for others. */
function Message({ call }: { call: string }) {
  const mine = useMessages().data?.find((m) => m.call === call);
  return mine && <MessagePlayer m={mine} />;
}

/** What a machine said or asked, and what came of it. */
function Machine({ s: { kind, outcome } }: { s: CallStep }) {
  const key = outcome.replace(/^(key|extension) /, "");
  if (kind === "announce") return <Trans>Heard an announcement</Trans>;
  if (kind === "voicemail")
    return outcome === "recorded" ? (
      <Trans>Left a message</Trans>
    ) : (
      <Trans>Came to the voicemail, left no message</Trans>
    );
  if (key !== outcome) return <Trans>Menu: pressed {key}</Trans>;
  return <Trans>Menu: made no choice</Trans>;
}

/** How long a caller waited in a queue. */
function Waited({ s }: { s: CallStep }) {
  const queue = useQueues().find((q) => q.id === s.item)?.name ?? "—";
  return (
    <>
      {s.outcome === "callback" ? (
        <Trans>Waited in the queue {queue}, asked to be called back</Trans>
      ) : (
        <Trans>Waited in the queue {queue}</Trans>
      )}
      <Text span c="dimmed">
        {unset(s.ended) ? "" : duration((Date.parse(s.ended) - Date.parse(s.begun)) / 1000)}
      </Text>
    </>
  );
}

/** That a queue had an agent call somebody back. */
function CalledBack({ s }: { s: CallStep }) {
  const queue = useQueues().find((q) => q.id === s.item)?.name ?? "—";
  return <Trans>Called back from the queue {queue}</Trans>;
}
