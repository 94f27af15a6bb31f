import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Select, Text, Textarea, TextInput } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useCardView } from "~/api/records";
import { explain } from "~/app/notify";
import { word } from "~/app/words";
import { languages } from "~/i18n";
import { currencies, money } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Page } from "~/parts/Page";
import { State } from "~/parts/State";
import { soon } from "~/parts/soon";
import { Actions } from "./Actions";
import { Lines } from "./Lines";
import { letterOf } from "./letter";
import classes from "./Offers.module.css";
import { type Offer as One, pdfFile, type Totals, useOffer, useOfferSettings } from "./queries";
import { kindNames, meanings, stateNames } from "./strings";
import { type Draft, useDraft } from "./useDraft";

const Composer = soon(() => import("~/features/mail/Composer"));

/** An offer or invoice: written while it is a draft, then what becomes of it. */
export default function Offer() {
  const { id } = useParams({ from: "/offers/$id" });
  const { data, error, refetch } = useOffer(id);
  const settings = useOfferSettings();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data || !settings) return <LateRows />;
  if (settings.off) return <Empty title={<Trans>There is no such page</Trans>} />;
  return <Whole key={`${data.id} ${data.state}`} of={data} tax={settings.tax} />;
}

type Mail = { to: string[]; subject: string; html: string; files: File[] };

function Whole({ of, tax }: { of: One; tax: number }) {
  const { t } = useLingui();
  const { draft, change, flush, status, problem } = useDraft(of);
  const [mail, setMail] = useState<Mail>();
  const fixed = of.state !== "draft";
  const write = async () => {
    await flush();
    const file = await pdfFile(of);
    setMail({ to: draft.email ? [draft.email] : [], ...letterOf(draft), files: [file] });
  };
  const title = `${word(kindNames, of.kind)} ${of.number}`.trim();
  return (
    <Page
      title={title}
      tabs={<State is={meanings[of.state]}>{word(stateNames, of.state)}</State>}
      actions={<Actions of={of} flush={flush} onWrite={write} />}
    >
      <div className={classes.page}>
        <Sale id={of.deal} />
        {problem !== undefined && (
          <Alert color="red" role="alert">
            {explain(problem)}
          </Alert>
        )}
        {mail && (
          <Suspense fallback={<LateRows count={4} />}>
            <Composer name={`offer ${of.id}`} start={mail} takes={of.id} onDone={() => setMail(undefined)} />
          </Suspense>
        )}
        <fieldset className={classes.form} disabled={fixed || mail !== undefined} aria-label={title}>
          <Head draft={draft} change={change} />
          <Lines lines={draft.lines} currency={draft.currency} tax={tax} onChange={(lines) => change({ lines })} />
          <div className={classes.below}>
            <Text size="xs" c="dimmed" role="status">
              {status === "waiting" && <Trans>Not saved yet</Trans>}
              {status === "saved" && <Trans>Saved</Trans>}
            </Text>
            <Sums of={draft.totals} currency={draft.currency} />
          </div>
          <Textarea
            label={t`Below the totals`}
            autosize
            minRows={2}
            maxLength={4000}
            value={draft.note}
            onChange={(e) => change({ note: e.currentTarget.value })}
          />
        </fieldset>
      </div>
    </Page>
  );
}

/** The deal that a document is of. */
function Sale({ id }: { id: string }) {
  const { data } = useCardView({ kind: "deal", id });
  return (
    <div>
      <Button
        component={Link}
        to="/crm/$list/$id"
        params={{ list: "deals", id } as never}
        variant="subtle"
        color="gray"
        px={0}
      >
        ← {data?.name ?? <Trans>Deal</Trans>}
      </Button>
    </div>
  );
}

function Head({ draft, change }: { draft: Draft; change: (what: Partial<Draft>) => void }) {
  const { t } = useLingui();
  const invoice = draft.kind === "invoice";
  return (
    <>
      <div className={classes.head}>
        <Textarea
          label={t`To`}
          description={t`Name and address, a line each`}
          autosize
          minRows={4}
          maxLength={1000}
          value={draft.client}
          onChange={(e) => change({ client: e.currentTarget.value })}
        />
        <div className={classes.pair}>
          <TextInput
            type="date"
            label={t({ message: "Date", context: "of a document" })}
            value={draft.date}
            disabled={invoice}
            onChange={(e) => e.currentTarget.value && change({ date: e.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={invoice ? t`Due on` : t`Valid until`}
            value={draft.until}
            onChange={(e) => e.currentTarget.value && change({ until: e.currentTarget.value })}
          />
          <Select
            label={t`Language`}
            allowDeselect={false}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            value={draft.language}
            onChange={(v) => v && change({ language: v as Draft["language"] })}
          />
          <Select
            label={t`Currency`}
            searchable
            allowDeselect={false}
            data={currencies(draft.currency)}
            value={draft.currency}
            onChange={(v) => v && change({ currency: v })}
          />
          <TextInput
            type="email"
            label={t`Mail address`}
            maxLength={320}
            value={draft.email}
            onChange={(e) => change({ email: e.currentTarget.value })}
          />
        </div>
      </div>
      <Textarea
        label={t`Above the lines`}
        autosize
        minRows={1}
        maxLength={4000}
        value={draft.intro}
        onChange={(e) => change({ intro: e.currentTarget.value })}
      />
    </>
  );
}

function Sums({ of: { net, rates, total }, currency }: { of: Totals; currency: string }) {
  const { i18n } = useLingui();
  const percent = (rate: number) => i18n.number(rate / 10_000, { style: "percent", maximumFractionDigits: 2 });
  return (
    <dl className={classes.totals} data-testid="totals">
      <dt>
        <Trans>Without VAT</Trans>
      </dt>
      <dd>{money(net, currency)}</dd>
      {rates.map((r) => (
        <Rate key={r.rate} rate={percent(r.rate)} tax={money(r.tax, currency)} />
      ))}
      <dt data-sum>
        <Trans>Total</Trans>
      </dt>
      <dd data-sum>{money(total, currency)}</dd>
    </dl>
  );
}

function Rate({ rate, tax }: { rate: string; tax: string }) {
  return (
    <>
      <dt>
        <Trans>VAT {rate}</Trans>
      </dt>
      <dd>{tax}</dd>
    </>
  );
}
