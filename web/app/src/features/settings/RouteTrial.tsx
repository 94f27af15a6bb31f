import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { useNumbers } from "~/api/queries";
import { ends, personalSaid, word } from "~/app/words";
import { useMeeting } from "~/features/meetings/queries";
import { phone } from "~/i18n/format";
import { useNames } from "~/parts/people";
import { State } from "~/parts/State";
import { hoursText } from "./hours";
import { Section, useDo } from "./parts";
import { useSchedules } from "./Schedules";
import classes from "./Settings.module.css";
import { ifs, strategies, ties, vouched } from "./strings";
import { asked, branches, type Trial, type TrialStep } from "./trial";

/** Tries who would answer a call that might come. */
export function RouteTrial() {
  const numbers = useNumbers();
  return (
    <Section
      title={<Trans>Who would answer?</Trans>}
      about={<Trans>Try a call that might come: nothing rings, and nothing is written down.</Trans>}
    >
      {numbers && !numbers.length && (
        <Text c="dimmed">
          <Trans>Add a number first: then you can try who would answer it.</Trans>
        </Text>
      )}
      {numbers?.[0] && <Form numbers={numbers.map((n) => n.e164)} />}
    </Section>
  );
}

function Form({ numbers }: { numbers: string[] }) {
  const { t } = useLingui();
  const [values, setValues] = useState({ number: numbers[0]!, from: "", at: "", verified: "" });
  const [trial, setTrial] = useState<Trial>();
  const set = (change: Partial<typeof values>) => setValues((v) => ({ ...v, ...change }));
  const run = useDo(() => ok(api.GET("/api/v1/telephony/route", { params: { query: asked(values) } })), [], setTrial);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run.mutate();
  };
  return (
    <>
      <form onSubmit={submit}>
        <Group gap="sm" align="flex-end">
          <Select
            label={t`Our number`}
            allowDeselect={false}
            data={numbers.map((value) => ({ value, label: phone(value) }))}
            value={values.number}
            onChange={(number) => number && set({ number })}
          />
          <TextInput
            label={t`Who calls`}
            placeholder={t`Empty: number withheld`}
            value={values.from}
            onChange={(e) => set({ from: e.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label={t`When`}
            value={values.at}
            onChange={(e) => set({ at: e.currentTarget.value })}
          />
          <Select
            label={t`The line says of the number`}
            allowDeselect={false}
            data={[
              { value: "", label: t`nothing` },
              { value: "passed", label: t`verified` },
              { value: "none", label: t`not verified` },
              { value: "failed", label: t`failed the check` },
            ]}
            value={values.verified}
            onChange={(v) => set({ verified: v ?? "" })}
          />
          <Button type="submit" loading={run.isPending}>
            <Trans>Try</Trans>
          </Button>
        </Group>
      </form>
      {trial && <Outcome trial={trial} />}
    </>
  );
}

/** The way of the call: who calls, whom that rings in which order, and where each outcome leads. */
function Outcome({ trial: { caller, steps, way } }: { trial: Trial }) {
  const reached = way.map((w) => w.step);
  const rings = reached.some((i) => steps[i]?.kind === "ring");
  return (
    <ol className={classes.rows} data-testid="route-trial" aria-live="polite">
      <li className={classes.row}>
        <Text className={classes.rowText}>
          <Caller caller={caller} />
        </Text>
      </li>
      {steps.map((s, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place
        <li key={i} className={classes.row} data-reached={reached.includes(i)}>
          <div className={classes.rowText}>
            <Text fw={reached.includes(i) ? 500 : 400}>
              {i + 1}. <StepText s={s} outcome={way.find((w) => w.step === i)?.outcome} />
            </Text>
            <Branches s={s} />
          </div>
          <Missing s={s} />
        </li>
      ))}
      {rings && (
        <li className={classes.row}>
          <Text c="dimmed">
            <Trans>Nobody answers: the caller hears that, and it is a missed call</Trans>
          </Text>
        </li>
      )}
    </ol>
  );
}

function Caller({ caller }: { caller: Trial["caller"] }) {
  const { i18n } = useLingui();
  const names = useNames();
  const tied = Object.entries(caller.ties ?? {}).map(([tie, users]) => `${word(ties, tie)}: ${names(users ?? [])}`);
  return (
    <>
      <Known caller={caller} />
      {tied.length > 0 && ` (${new Intl.ListFormat(i18n.locale, { type: "unit" }).format(tied)})`}
    </>
  );
}

function Known({ caller: { name, known, responsible, rule } }: { caller: Trial["caller"] }) {
  const who = useNames()(responsible ? [responsible] : []);
  if (known && who)
    return (
      <Trans>
        The client is {name}, whose calls {who} takes
      </Trans>
    );
  if (known) return <Trans>The client is {name}; nobody is responsible</Trans>;
  if (rule && who)
    return (
      <Trans>
        A client nobody knows yet: the rule “{rule}” gives the call to {who}
      </Trans>
    );
  return <Trans>A client nobody knows yet; no rule names who takes the call</Trans>;
}

function StepText({ s, outcome }: { s: TrialStep; outcome: string | undefined }) {
  const whom = useNames()(s.users);
  const line = useLine(s.trunk);
  const seconds = s.seconds ?? 0;
  const number = phone(s.number ?? "");
  const why = word(ends, s.cause ?? "");
  const sender = useNames()(s.for ? [s.for] : []);
  const own = word(personalSaid, outcome ?? "");
  switch (s.kind) {
    case "hours":
      return <HoursText s={s} open={outcome === "open"} />;
    case "personal":
      return outcome ? (
        <>
          {whom}: {own}
        </>
      ) : (
        <Trans>As {whom} wants to be called</Trans>
      );
    case "vouch":
      return word(vouched, s.why ?? "");
    case "queue": {
      const queue = s.name ?? "";
      return s.users.length ? (
        <Trans>
          Waits in the queue {queue} for {whom}, {seconds} s at most
        </Trans>
      ) : (
        <Trans>The queue {queue}: no agent is logged in</Trans>
      );
    }
    case "hunt_group": {
      const how = word(strategies, s.strategy ?? "");
      const group = s.name ?? "";
      return (
        <Trans>
          Hunt group {group}, {how}: {whom}, {seconds} s
        </Trans>
      );
    }
    case "ring":
      if (!s.users.length) return <Trans>Rings nobody: all have said not to be rung now</Trans>;
      return (
        <Trans>
          Rings {whom} for {seconds} s
        </Trans>
      );
    case "dial":
      if (sender && s.confirm)
        return (
          <Trans>
            Dials {number} over {line}, forwarded by {sender}; who answers presses 1
          </Trans>
        );
      if (sender)
        return (
          <Trans>
            Dials {number} over {line}, forwarded by {sender}
          </Trans>
        );
      return (
        <Trans>
          Dials {number} over {line}
        </Trans>
      );
    case "announce":
    case "menu":
    case "voicemail":
      return <MachineText s={s} />;
    case "meeting":
      return <MeetingText id={s.meeting ?? ""} />;
  }
  return <Trans>The call is refused: {why}</Trans>;
}

/** What a machine does. */
function MachineText({ s: { kind, name = "" } }: { s: TrialStep }) {
  if (kind === "announce") return <Trans>Hears the announcement “{name}”</Trans>;
  if (kind === "menu") return <Trans>Chooses from the menu “{name}”</Trans>;
  return <Trans>Leaves a message in the voicemail “{name}”</Trans>;
}

/** What the working hours say of the moment. */
function HoursText({ s: { schedule, holiday }, open }: { s: TrialStep; open: boolean }) {
  const { i18n } = useLingui();
  const is = useSchedules()?.find((x) => x.id === schedule);
  const hours = is ? `${hoursText(is, i18n.locale)}, ${is.zone}` : "—";
  if (holiday && open) return <Trans>Open: within the hours of the holiday {holiday}</Trans>;
  if (holiday) return <Trans>Closed: holiday, {holiday}</Trans>;
  if (open) return <Trans>Open: within working hours ({hours})</Trans>;
  return <Trans>Closed: outside working hours ({hours})</Trans>;
}

function useLine(trunk: string | undefined): string {
  const trunks = useQuery({
    queryKey: ["trunks"],
    queryFn: async () => (await ok(api.GET("/api/v1/trunks"))).items,
    enabled: trunk !== undefined,
  });
  return trunks.data?.find((x) => x.id === trunk)?.name ?? "—";
}

function MeetingText({ id }: { id: string }) {
  const title = useMeeting(id).data?.title ?? "—";
  return <Trans>Comes into the meeting {title}</Trans>;
}

/** Where the outcomes of a step lead to another. */
function Branches({ s }: { s: TrialStep }) {
  const { t } = useLingui();
  const ways = branches(s);
  return ways.flatMap(({ outcomes, to }) => {
    if (to === undefined) return [];
    const when =
      ways.length === 1
        ? t`otherwise`
        : outcomes.map((o) => (o.startsWith("key ") ? t`key ${o.slice(4)}` : word(ifs, o))).join(", ");
    return [
      <Text key={to} size="xs" c="dimmed">
        {when} → {to + 1}
      </Text>,
    ];
  });
}

/** Who of those a step rings can't take the call now. */
function Missing({ s }: { s: TrialStep }) {
  const list = useNames();
  if (s.users.length && s.away.length + s.busy.length === s.users.length)
    return (
      <State is="bad">
        <Trans>Nobody can be rung now</Trans>
      </State>
    );
  const [away, busy, rests] = [list(s.away), list(s.busy), list(s.rests)];
  return (
    <>
      {rests && (
        <State is="off">
          <Trans>left out: {rests}</Trans>
        </State>
      )}
      {away && (
        <State is="off">
          <Names of={away} kind="away" />
        </State>
      )}
      {busy && (
        <State is="wait">
          <Names of={busy} kind="busy" />
        </State>
      )}
    </>
  );
}

function Names({ of: names, kind }: { of: string; kind: "away" | "busy" }) {
  return kind === "away" ? <Trans>away: {names}</Trans> : <Trans>busy: {names}</Trans>;
}
