import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Text } from "@mantine/core";
import { IconSun } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Activity } from "~/api";
import { useMe } from "~/api/queries";
import { cards } from "~/app/card";
import { attempt, useDial } from "~/app/live";
import { titleOf } from "~/app/words";
import { phone } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Page } from "~/parts/Page";
import { When } from "~/parts/When";
import { Choose } from "./Choose";
import classes from "./Day.module.css";
import { DemoPanel } from "./DemoPanel";
import { FirstSteps } from "./FirstSteps";
import { MailNotices } from "./MailNotices";
import { Notices } from "./Notices";
import { find, isDue, useDay, useDone } from "./queries";

/** What waits: missed calls, mail without an answer, tasks. Each row has its one action. */
export default function Day() {
  const { t } = useLingui();
  const me = useMe();
  return (
    <Page title={t`My day`} actions={<Text c="dimmed">{me?.name}</Text>}>
      <div className={classes.day}>
        <Choose />
        <DemoPanel />
        <Notices />
        <MailNotices />
        <Waiting />
      </div>
    </Page>
  );
}

function Waiting() {
  const { data, error, refetch } = useDay();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows />;
  if (!data.missed.length && !data.mails.length && !data.tasks.length) {
    return (
      <Empty icon={<IconSun />} title={<Trans>Nothing waits</Trans>} action={<FirstSteps />}>
        <Trans>Missed calls, mail without an answer and your tasks appear here. Until then:</Trans>
      </Empty>
    );
  }
  return (
    <>
      <Block title={<Trans>Missed and not called back</Trans>} rows={data.missed} row={(a) => <Missed a={a} />} />
      <Block title={<Trans>Mail waiting for an answer</Trans>} rows={data.mails} row={(a) => <Unanswered a={a} />} />
      <Block title={<Trans>Due today</Trans>} rows={data.tasks.filter((x) => isDue(x))} row={(a) => <Task a={a} />} />
      <Block title={<Trans>Later</Trans>} rows={data.tasks.filter((x) => !isDue(x))} row={(a) => <Task a={a} />} />
    </>
  );
}

function Block({ title, rows, row }: { title: ReactNode; rows: Activity[]; row: (a: Activity) => ReactNode }) {
  if (!rows.length) return null;
  return (
    <section className={classes.block}>
      <h2 className={classes.title}>
        {title}{" "}
        <Text span c="dimmed">
          {rows.length}
        </Text>
      </h2>
      <ul className={classes.rows}>
        {rows.map((a) => (
          <li key={a.id}>{row(a)}</li>
        ))}
      </ul>
    </section>
  );
}

type RowProps = { a: Activity; lead?: ReactNode; detail?: ReactNode; late?: boolean; action: ReactNode };

/** One thing to do; its words open the card, its button does it. */
function Row({ a, lead, detail, late, action }: RowProps) {
  const entity = a.entities[0];
  return (
    <div className={classes.row}>
      {lead}
      <button
        type="button"
        className={classes.what}
        data-step
        disabled={!entity}
        onClick={() => entity && cards.show(entity)}
      >
        <span className={classes.text}>{titleOf(named(a)) || a.client || phone(a.address ?? "")}</span>
        <Text span c="dimmed" truncate>
          {detail}
        </Text>
      </button>
      <Text span size="xs" c={late ? "var(--fd-bad)" : "dimmed"} className={classes.when}>
        <When at={a.due ?? a.at} />
      </Text>
      {action}
    </div>
  );
}

/** What calls a client by name, by that of now. */
function named({ title, made, client }: Activity): Pick<Activity, "title" | "made"> {
  return { title, made: made?.what === "call_back" && client ? { ...made, name: client } : made };
}

function Missed({ a }: { a: Activity }) {
  const dial = useDial();
  const number = a.address ?? "";
  return (
    <Row
      a={a}
      late
      detail={[phone(number), a.line && phone(a.line)].filter(Boolean).join(" → ")}
      action={
        <Button disabled={!number} onClick={() => dial(number)}>
          <Trans>Call back</Trans>
        </Button>
      }
    />
  );
}

function Unanswered({ a }: { a: Activity }) {
  const navigate = useNavigate();
  const entity = a.entities[0];
  const answer = async () => {
    const mail = a.source ? await find(a.source) : undefined;
    if (mail) await navigate({ to: "/mail", search: { box: mail.mailbox, thread: mail.thread, answer: mail.id } });
    else if (entity) cards.show(entity);
    else await navigate({ to: "/mail" });
  };
  return (
    <Row
      a={a}
      detail={a.client || a.address}
      action={
        <Button variant="default" onClick={() => attempt(answer())}>
          <Trans>Answer</Trans>
        </Button>
      }
    />
  );
}

function Task({ a }: { a: Activity }) {
  const { t } = useLingui();
  const done = useDone();
  const late = a.due !== undefined && Date.parse(a.due) < Date.now();
  const whom = a.made?.what === "call_back" ? "" : a.client; // there the title names him
  return (
    <Row
      a={a}
      late={late}
      detail={[whom, a.body].filter(Boolean).join(" · ")}
      lead={<Checkbox size="xs" aria-label={t`Done: ${titleOf(a)}`} checked={false} onChange={() => done(a)} />}
      action={null}
    />
  );
}
