import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, Stack, Switch, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { say } from "~/app/notify";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Exceptions } from "./Exceptions";
import { LimitFields } from "./LimitFields";
import { limitsKey, type Rules, ratesOf, ratesText, readLimits, saveLimits, unlimited } from "./limits";
import { Section, useDo } from "./parts";
import classes from "./Settings.module.css";
import { SpanFields } from "./SpanFields";
import { Stops } from "./Stops";

/** What calls out may come to: a stolen password or a phone left open becomes no bill. */
export function Tolls() {
  const { data, error, refetch } = useQuery({ queryKey: limitsKey, queryFn: readLimits });
  return (
    <Section
      title={<Trans>Limits of calls out</Trans>}
      about={
        <Trans>
          A stolen password must not become a bill. Calls that somebody forwards or transfers outside are his, too.
          Emergency numbers always get through. 0 is no limit.
        </Trans>
      }
    >
      <Stops />
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={3} />}
      {data && <Form key={JSON.stringify(data)} rules={data} />}
    </Section>
  );
}

function Form({ rules }: { rules: Rules }) {
  const { t } = useLingui();
  const [values, setValues] = useState(rules);
  const [prices, setPrices] = useState(ratesText(rules.rates));
  const set = (change: Partial<Rules>) => setValues((v) => ({ ...v, ...change }));
  const rates = ratesOf(prices);
  const save = useDo(
    () => saveLimits({ ...values, rates: rates ?? [] }),
    [limitsKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (rates) save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <Text fw={500}>
        <Trans>Each colleague, and each connected PBX</Trans>
      </Text>
      <LimitFields value={values.each} onChange={(c) => set({ each: { ...values.each, ...c } })} />
      <Exceptions rules={values} onChange={set} />
      <AtNight rules={values} onChange={set} />
      <Group grow align="flex-end">
        <NumberInput
          label={t`Stop after so many calls abroad within an hour`}
          description={t`And three times as many as in the busiest hour of 30 days`}
          min={0}
          value={values.alarm.abroad}
          onChange={(v) => set({ alarm: { ...values.alarm, abroad: Number(v) } })}
        />
        <NumberInput
          label={t`Stop after so many refused calls within 10 minutes`}
          description={t`Until an administrator allows calls again`}
          min={0}
          value={values.alarm.refused}
          onChange={(v) => set({ alarm: { ...values.alarm, refused: Number(v) } })}
        />
      </Group>
      <Textarea
        label={t`What a minute costs`}
        description={t`A line each: the beginning of the number and the price. The longest beginning decides`}
        placeholder="+40 0.05"
        autosize
        minRows={2}
        maxRows={12}
        value={prices}
        error={rates ? undefined : t`Each line is the beginning of a number and a price, such as +40 0.05`}
        onChange={(e) => setPrices(e.currentTarget.value)}
      />
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}

const tonight: NonNullable<Rules["night"]> = { from: "22:00", to: "06:00", abroad: false, limits: unlimited };

function AtNight({ rules, onChange }: { rules: Rules; onChange: (change: Partial<Rules>) => void }) {
  const { t } = useLingui();
  const { night } = rules;
  const set = (change: Partial<typeof tonight>) => onChange({ night: { ...tonight, ...night, ...change } });
  return (
    <Stack gap="xs">
      <Switch
        label={t`Other limits at night`}
        checked={night !== undefined}
        onChange={(e) => onChange({ night: e.currentTarget.checked ? tonight : undefined })}
      />
      {night && (
        <>
          <SpanFields span={night} onChange={set} />
          <Switch
            label={t`Calls to other countries are allowed at night`}
            checked={night.abroad}
            onChange={(e) => set({ abroad: e.currentTarget.checked })}
          />
          <LimitFields value={night.limits} onChange={(c) => set({ limits: { ...night.limits, ...c } })} />
        </>
      )}
    </Stack>
  );
}
