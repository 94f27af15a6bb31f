import { i18n } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconChartBar, IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useHuntGroups, useNumbers, useQueues, useUsers } from "~/api/queries";
import { day, duration, phone } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Bars } from "./Bars";
import classes from "./Reports.module.css";
import {
  type Asked,
  type By,
  csv,
  download,
  iso,
  mean,
  type Period,
  type Report,
  type Sums,
  share,
  span,
  useReport,
} from "./report";

const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What calls with the outside came to: in figures, over time, and by what one chooses. */
export function Reports() {
  const [asked, ask] = useState<Asked>({ ...span("days30"), by: "day", within: 20, zone: ownZone });
  const { data, isPending, error, refetch } = useReport(asked);
  const change = (what: Partial<Asked>) => ask((a) => ({ ...a, ...what }));
  return (
    <div className={classes.page}>
      <Filters asked={asked} change={change} report={data} />
      {isPending ? (
        <LateRows />
      ) : error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : data.total.in + data.total.out === 0 ? (
        <Empty icon={<IconChartBar />} title={<Trans>No calls in this time</Trans>}>
          <Trans>Choose a longer time, or fewer conditions. Calls are counted when they are over.</Trans>
        </Empty>
      ) : (
        <>
          <Figures all={data.total} within={asked.within ?? 20} />
          <Chart report={data} hours={data.by === "hour" || data.days.length === 1} />
          <Table report={data} />
        </>
      )}
    </div>
  );
}

type FilterProps = { asked: Asked; change: (what: Partial<Asked>) => void; report: Report | undefined };

function Filters({ asked, change, report }: FilterProps) {
  const { t } = useLingui();
  const [period, setPeriod] = useState<Period>("days30");
  const groups = [...useHuntGroups(), ...useQueues()].map((g) => ({ value: g.id, label: g.name }));
  const numbers = (useNumbers() ?? []).map((n) => ({ value: n.e164, label: n.label || phone(n.e164) }));
  const users = useUsers().map((u) => ({ value: u.id, label: u.name }));
  const kinds: { value: By; label: string }[] = [
    { value: "day", label: t`Day` },
    { value: "hour", label: t`Hour` },
    { value: "user", label: t`Colleague` },
    { value: "group", label: t`Group or queue` },
    { value: "number", label: t`Number` },
    { value: "result", label: t`Result` },
    { value: "next_step", label: t`Next step` },
  ];
  const times: { value: Period; label: string }[] = [
    { value: "today", label: t`Today` },
    { value: "week", label: t`Last 7 days` },
    { value: "month", label: t`This month` },
    { value: "days30", label: t`Last 30 days` },
    { value: "year", label: t`Last 12 months` },
    { value: "own", label: t`From … until …` },
  ];
  const choose = (p: Period) => {
    setPeriod(p);
    if (p !== "own") change(span(p));
  };
  return (
    <div className={classes.filters}>
      <Select
        size="xs"
        label={t`Time`}
        data={times}
        value={period}
        allowDeselect={false}
        onChange={(p) => p && choose(p as Period)}
      />
      {period === "own" && (
        <>
          <Day
            label={t({ message: "From", context: "date" })}
            value={asked.from}
            max={asked.until}
            onChange={(from) => change({ from })}
          />
          <Day
            label={t({ message: "Until", context: "date" })}
            value={asked.until}
            min={asked.from}
            onChange={(until) => change({ until })}
          />
        </>
      )}
      <Select
        size="xs"
        label={t`By`}
        data={kinds}
        value={asked.by}
        allowDeselect={false}
        onChange={(by) => by && change({ by: by as By })}
      />
      <Any label={t`Number`} data={numbers} value={asked.number} onChange={(number) => change({ number })} />
      <Any label={t`Group or queue`} data={groups} value={asked.group} onChange={(group) => change({ group })} />
      <Any label={t`Colleague`} data={users} value={asked.user} onChange={(user) => change({ user })} />
      <NumberInput
        size="xs"
        className={classes.short}
        label={t`In time: seconds`}
        min={1}
        max={3600}
        clampBehavior="strict"
        value={asked.within}
        onChange={(n) => typeof n === "number" && n > 0 && change({ within: n })}
      />
      <Export report={report} from={asked.from} until={asked.until} />
    </div>
  );
}

type AnyProps = {
  label: string;
  data: { value: string; label: string }[];
  value: string | undefined;
  onChange: (to: string | undefined) => void;
};

function Any({ label, data, value, onChange }: AnyProps) {
  const { t } = useLingui();
  return (
    <Select
      size="xs"
      label={label}
      placeholder={t`All`}
      data={data}
      value={value ?? null}
      searchable
      clearable
      onChange={(v) => onChange(v ?? undefined)}
    />
  );
}

type DayProps = { label: string; value: string; min?: string; max?: string; onChange: (to: string) => void };

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <TextInput
      size="xs"
      type="date"
      className={classes.short}
      label={label}
      min={min}
      max={max ?? iso(new Date())}
      value={value}
      onChange={(e) => e.currentTarget.value && onChange(e.currentTarget.value)}
    />
  );
}

function Figures({ all, within }: { all: Sums; within: number }) {
  const { t } = useLingui();
  const figures: [string, string | number, boolean?][] = [
    [t`Calls to us`, all.in],
    [t({ message: "Answered", context: "calls" }), share(all.answered, all.in)],
    [t({ message: "Missed", context: "calls" }), all.missed],
    [t`Not called back`, all.left, all.left > 0],
    [t`In time: ${within} s`, share(all.in_time, all.answered + all.missed)],
    [t`Wait on average`, time(mean(all.waited, all.answered))],
    [t`Talk on average`, time(mean(all.talked, all.answered))],
    [t`Calls out`, all.out],
    [t`Reached`, share(all.reached, all.out)],
  ];
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value, bad]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-bad={bad}>{shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

const shown = (v: string | number) => (typeof v === "number" && v ? i18n.number(v) : v || "–");

const time = (seconds: number | undefined) => (seconds === undefined ? "" : duration(seconds));

function Chart({ report, hours }: { report: Report; hours: boolean }) {
  const { t } = useLingui();
  if (hours) return <Bars rows={report.hours} label={t`Calls to us by hour`} name={(h) => `${h}:00`} />;
  return <Bars rows={report.days} label={t`Calls to us by day`} name={(d) => day(`${d}T12:00`)} />;
}

/** The columns of a table and of a file. */
function useColumns(): { title: string; of: (s: Sums) => string | number }[] {
  const { t } = useLingui();
  return [
    { title: t`Calls to us`, of: (s) => s.in },
    { title: t({ message: "Answered", context: "calls" }), of: (s) => s.answered },
    { title: t({ message: "Missed", context: "calls" }), of: (s) => s.missed },
    { title: t`Not called back`, of: (s) => s.left },
    { title: t`In time`, of: (s) => share(s.in_time, s.answered + s.missed) },
    { title: t`Wait on average`, of: (s) => time(mean(s.waited, s.answered)) },
    { title: t`Gave up after`, of: (s) => time(mean(s.abandoned, s.missed)) },
    { title: t`Talked`, of: (s) => time(s.talked + s.out_talked) },
    { title: t`Calls out`, of: (s) => s.out },
    { title: t`Reached`, of: (s) => s.reached },
  ];
}

/** What the key of a row is called. */
function useNames(by: By): (key: string) => string {
  const { t } = useLingui();
  const users = useUsers();
  const groups = [...useHuntGroups(), ...useQueues()];
  const numbers = useNumbers() ?? [];
  return (key) => {
    if (key === "") return by === "number" ? t`Without a number of ours` : t`None`;
    if (by === "day") return day(`${key}T12:00`);
    if (by === "hour") return `${key}:00`;
    if (by === "user") return users.find((u) => u.id === key)?.name ?? t`A former colleague`;
    if (by === "group") return groups.find((g) => g.id === key)?.name ?? t`A group that is gone`;
    if (by === "number") return [phone(key), numbers.find((n) => n.e164 === key)?.label].filter(Boolean).join(" · ");
    return key;
  };
}

function Table({ report }: { report: Report }) {
  const { t } = useLingui();
  const columns = useColumns();
  const name = useNames(report.by);
  const rows = report.by === "day" ? report.rows.filter((r) => r.in + r.out > 0) : report.rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than its place is moved by keys
    <section className={classes.scroll} aria-label={t`Report`} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" aria-label={t`By`} />
            {columns.map((c) => (
              <th key={c.title} scope="col">
                {c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.key}>
              <th scope="row">{name(r.key)}</th>
              {columns.map((c) => (
                <td key={c.title}>{shown(c.of(r))}</td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              <Trans>All calls, each once</Trans>
            </th>
            {columns.map((c) => (
              <td key={c.title}>{shown(c.of(report.total))}</td>
            ))}
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

type ExportProps = { report: Report | undefined; from: string; until: string };

function Export({ report, from, until }: ExportProps) {
  const columns = useColumns();
  const name = useNames(report?.by ?? "day");
  const save = (r: Report) => {
    const lines = r.rows.map((row) => [name(row.key), ...columns.map((c) => c.of(row))]);
    download(`calls-${from}-${until}.csv`, csv([["", ...columns.map((c) => c.title)], ...lines]));
  };
  return (
    <Button
      size="xs"
      variant="default"
      className={classes.end}
      leftSection={<IconDownload className={classes.icon} />}
      disabled={!report?.rows.length}
      onClick={() => report && save(report)}
    >
      <Trans>Save as CSV</Trans>
    </Button>
  );
}
