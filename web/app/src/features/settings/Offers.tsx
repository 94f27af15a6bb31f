import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import {
  Button,
  FileButton,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, ok, problem } from "~/api";
import { client } from "~/api/queries";
import { attempt } from "~/app/live";
import { say } from "~/app/notify";
import { parts } from "~/features/offers/lines";
import classes from "~/features/offers/Offers.module.css";
import { type OfferSettings, settingsKey, useOfferSettings } from "~/features/offers/queries";
import { languages } from "~/i18n";
import { currencies, separators } from "~/i18n/format";
import { Products } from "./Products";
import { Section, useDo } from "./parts";
import shared from "./Settings.module.css";

/** What a company sells, and how its offers and invoices look. */
export function Offers() {
  const settings = useOfferSettings();
  if (!settings) return null;
  return (
    <>
      <Used settings={settings} />
      {!settings.off && <Products settings={settings} />}
      {!settings.off && <Form key={settings.off ? 1 : 0} settings={settings} />}
    </>
  );
}

const keep = async (s: OfferSettings) => {
  client.setQueryData(settingsKey, await ok(api.PUT("/api/v1/offer-settings", { body: s })));
};

function Used({ settings }: { settings: OfferSettings }) {
  const { t } = useLingui();
  return (
    <Section
      title={<Trans>Offers and invoices</Trans>}
      about={<Trans>Sellers write them on a deal, send them by mail as PDF, and see what became of them.</Trans>}
    >
      <Switch
        label={t`Offers and invoices are used`}
        checked={!settings.off}
        onChange={(e) => attempt(keep({ ...settings, off: !e.currentTarget.checked }))}
      />
    </Section>
  );
}

function Form({ settings }: { settings: OfferSettings }) {
  const { t } = useLingui();
  const [s, setS] = useState(settings);
  const set = (change: Partial<OfferSettings>) => setS((v) => ({ ...v, ...change }));
  const save = useDo(
    () => keep(s),
    [],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const text = (name: keyof OfferSettings, label: string, max: number) => (
    <TextInput
      label={label}
      maxLength={max}
      value={String(s[name] ?? "")}
      onChange={(e) => set({ [name]: e.currentTarget.value })}
    />
  );
  const area = (name: keyof OfferSettings, label: string, about: string, max: number) => (
    <Textarea
      label={label}
      description={about}
      autosize
      minRows={2}
      maxLength={max}
      value={String(s[name] ?? "")}
      onChange={(e) => set({ [name]: e.currentTarget.value })}
    />
  );
  return (
    <Section
      title={<Trans>On the document</Trans>}
      about={<Trans>What was sent or issued keeps what stood here then.</Trans>}
    >
      <Logo hash={settings.logo} />
      <form onSubmit={submit} className={shared.form}>
        {text("name", t`Name of the company`, 200)}
        {area("address", t`Address`, t`A line each`, 500)}
        <SimpleGrid cols={2}>
          {text("vat", t`VAT number`, 60)}
          {text("registration", t`Register number`, 60)}
          {text("phone", t`Phone`, 60)}
          {text("email", t`Mail address`, 320)}
          {text("website", t`Website`, 200)}
        </SimpleGrid>
        {area("bank", t`Bank`, t`Where invoices are paid, a line each`, 500)}
        {area("footer", t`Footer`, t`At the foot of each page`, 1000)}
        <Numbers s={s} set={set} />
        <Group>
          <Button type="submit" size="sm" loading={save.isPending}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </form>
    </Section>
  );
}

type NumbersProps = { s: OfferSettings; set: (change: Partial<OfferSettings>) => void };

/** What new documents begin with. */
function Numbers({ s, set }: NumbersProps) {
  const { t, i18n } = useLingui();
  const { decimal } = separators(i18n.locale);
  return (
    <SimpleGrid cols={2}>
      <Select
        label={t`Language of documents`}
        allowDeselect={false}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        value={s.language}
        onChange={(v) => v && set({ language: v as OfferSettings["language"] })}
      />
      <Select
        label={t`Currency`}
        searchable
        allowDeselect={false}
        data={currencies(s.currency)}
        value={s.currency}
        onChange={(v) => v && set({ currency: v })}
      />
      <NumberInput
        label={t`Usual VAT, %`}
        min={0}
        max={100}
        decimalScale={2}
        decimalSeparator={decimal}
        value={s.tax / 100}
        onChange={(v) => set({ tax: parts(v, 100) })}
      />
      <span />
      <NumberInput
        label={t`Offers are valid for, days`}
        min={0}
        max={3650}
        value={s.valid_days}
        onChange={(v) => set({ valid_days: parts(v, 1) })}
      />
      <NumberInput
        label={t`Invoices are due after, days`}
        min={0}
        max={3650}
        value={s.due_days}
        onChange={(v) => set({ due_days: parts(v, 1) })}
      />
      <TextInput
        label={t`Before the numbers of offers`}
        maxLength={20}
        value={s.offer_prefix ?? ""}
        onChange={(e) => set({ offer_prefix: e.currentTarget.value })}
      />
      <TextInput
        label={t`Before the numbers of invoices`}
        maxLength={20}
        value={s.invoice_prefix ?? ""}
        onChange={(e) => set({ invoice_prefix: e.currentTarget.value })}
      />
    </SimpleGrid>
  );
}

async function putLogo(file: Blob | null): Promise<void> {
  const answer = await fetch("/api/v1/offer-settings/logo", {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream" },
    body: file ?? new Blob([]),
  });
  const body = await answer.json();
  if (!answer.ok) throw problem(answer.status, body);
  client.setQueryData(settingsKey, body);
}

function Logo({ hash }: { hash?: string }) {
  const { t } = useLingui();
  return (
    <Stack gap="xs">
      {hash && <img className={classes.preview} src={`/api/v1/offer-settings/logo/${hash}`} alt={t`Logo`} />}
      <Group>
        <FileButton accept="image/png,image/jpeg" onChange={(file) => file && attempt(putLogo(file))}>
          {(props) => (
            <Button variant="default" {...props}>
              {hash ? <Trans>Another logo</Trans> : <Trans>Choose a logo</Trans>}
            </Button>
          )}
        </FileButton>
        {hash && (
          <Button variant="subtle" color="gray" onClick={() => attempt(putLogo(null))}>
            <Trans>Remove the logo</Trans>
          </Button>
        )}
      </Group>
    </Stack>
  );
}
