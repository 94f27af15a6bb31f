import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { useSettings } from "~/api/queries";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { languages } from "~/i18n";
import { Section, useDo } from "./parts";
import classes from "./Settings.module.css";

type Values = components["schemas"]["Settings"];

/** The same while it is typed: a number may be missing. */
type Entered = Omit<Values, "event_days"> & { event_days: number | string };

/** Name and language of the company. */
export function Company() {
  const settings = useSettings();
  return (
    <Section
      title={<Trans>Company</Trans>}
      about={<Trans>How the workplace names itself, and the language of its log-in page.</Trans>}
    >
      {settings && <Form key={JSON.stringify(settings)} settings={settings} />}
    </Section>
  );
}

function Form({ settings }: { settings: Values }) {
  const { t } = useLingui();
  const [values, setValues] = useState<Entered>(settings);
  const set = (change: Partial<Entered>) => setValues((v) => ({ ...v, ...change }));
  const save = useDo(
    () => ok(api.PUT("/api/v1/settings", { body: { ...values, event_days: Number(values.event_days) } })),
    [["settings"]],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label={t`Name of the company`}
        required
        value={values.company}
        onChange={(e) => set({ company: e.currentTarget.value })}
      />
      <Select
        label={t`Language of the log-in page`}
        value={values.locale}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        onChange={(v) => set({ locale: v as Values["locale"] })}
      />
      <NumberInput
        label={t`Days that events can be read again`}
        min={1}
        max={365}
        required
        value={values.event_days}
        onChange={(v) => set({ event_days: v })}
      />
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}
