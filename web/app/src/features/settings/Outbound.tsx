import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, MultiSelect, Switch, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { Section, useDo } from "./parts";
import classes from "./Settings.module.css";

type Policy = components["schemas"]["OutboundPolicy"];

const queryKey = ["outbound"];

/** Where calls may go outside; everything else is refused before it costs anything. */
export function Outbound() {
  const { data } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/outbound")) });
  return (
    <Section
      title={<Trans>Calls out</Trans>}
      about={
        <Trans>Countries that may be called. All others are refused, so that nobody can call at your expense.</Trans>
      }
    >
      {data && <Form key={JSON.stringify(data)} policy={data} />}
    </Section>
  );
}

function Form({ policy }: { policy: Policy }) {
  const { t, i18n } = useLingui();
  const [values, setValues] = useState(policy);
  const countries = useMemo(() => regions(i18n.locale), [i18n.locale]);
  const set = (change: Partial<Policy>) => setValues((v) => ({ ...v, ...change }));
  const save = useDo(
    () => ok(api.PUT("/api/v1/outbound", { body: values })),
    [queryKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <MultiSelect
        label={t`Countries`}
        searchable
        data={countries}
        value={values.countries}
        onChange={(list) => set({ countries: list })}
      />
      <TagsInput
        label={t`Short numbers`}
        description={t`Emergency and service numbers as they are dialled, such as 112`}
        value={values.short}
        onChange={(list) => set({ short: list })}
      />
      <Switch
        label={t`Premium-rate numbers in these countries too`}
        checked={values.premium}
        onChange={(e) => set({ premium: e.currentTarget.checked })}
      />
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}

/** Every country the browser has a name for, by name. */
export function regions(locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([locale], { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters
    .flatMap((a) => letters.map((b) => a + b))
    .flatMap((value) => {
      const label = names.of(value);
      return label ? [{ value, label }] : [];
    })
    .sort((a, b) => a.label.localeCompare(b.label, locale));
}
