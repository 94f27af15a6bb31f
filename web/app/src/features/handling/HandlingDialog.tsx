import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, NativeSelect, NumberInput, Stack, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMe } from "~/api/queries";
import { office, ownZone, zones } from "~/features/settings/hours";
import { useSave } from "~/features/settings/parts";
import { keyed, plain, Week } from "~/features/settings/Week";
import { FormDialog } from "~/parts/FormDialog";
import { ForwardFields } from "./ForwardFields";
import { type Handling, handlingQuery, type Occasion, type PersonalHours, saveHandling } from "./handling";

type Props = { user?: { id: string; name: string }; onClose: () => void };

/** How a user wants to be called: one's own without a user. */
export default function HandlingDialog({ user, onClose }: Props) {
  const { data } = useQuery({ ...handlingQuery(user?.id), staleTime: 0, gcTime: 0 });
  return data ? <Form user={user} now={data} onClose={onClose} /> : null;
}

function Form({ user, now, onClose }: Props & { now: Handling }) {
  const { t } = useLingui();
  const me = useMe();
  const [values, setValues] = useState(now);
  const set = (change: Partial<Handling>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(() => saveHandling(user?.id, values), [["call-handling"]], onClose);
  const usual = t`Nowhere else`;
  const field = (occasion: Occasion, label: string, none = usual) => ({
    label,
    none,
    of: user?.id ?? me?.id,
    value: values[occasion],
    onChange: (to: Handling[Occasion]) => set({ [occasion]: to }),
  });
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={user ? t`Calls to ${user.name}` : t`Calls to you`}
      onSave={() => save.mutate()}
      saving={save}
    >
      <Switch
        label={t`Do not disturb`}
        description={t`Nothing rings. Calls go where they go when busy`}
        checked={values.dnd}
        onChange={(e) => set({ dnd: e.currentTarget.checked })}
      />
      <ForwardFields {...field("always", t`All calls`, t`Ring here`)} />
      <ForwardFields {...field("busy", t`When busy or declined`)} />
      <ForwardFields {...field("no_answer", t`When not answered`)}>
        <NumberInput
          label={t`Rings before that, in seconds`}
          min={5}
          max={120}
          value={values.seconds || 25}
          onChange={(v) => set({ seconds: Number(v) })}
        />
      </ForwardFields>
      <ForwardFields {...field("offline", t`When no browser or phone is on`)} />
      <Switch
        label={t`Ring me while I am in a call, too`}
        checked={values.waiting ?? false}
        onChange={(e) => set({ waiting: e.currentTarget.checked || undefined })}
      />
      <Hours of={user?.id ?? me?.id} value={values.hours} onChange={(hours) => set({ hours })} />
    </FormDialog>
  );
}

type HoursProps = {
  of?: string;
  value: PersonalHours | undefined;
  onChange: (value: PersonalHours | undefined) => void;
};

/** When one wants to be rung at all. */
function Hours({ of, value, onChange }: HoursProps) {
  const { t } = useLingui();
  const [week, setWeek] = useState(() => keyed(value?.hours ?? [office]));
  return (
    <>
      <Switch
        label={t`Ring only in certain hours`}
        checked={value !== undefined}
        onChange={(e) => onChange(e.currentTarget.checked ? { zone: ownZone(), hours: plain(week) } : undefined)}
      />
      {value && (
        <Fieldset legend={<Trans>Hours</Trans>}>
          <Stack gap="md">
            <NativeSelect
              label={t`Time zone`}
              data={zones(value.zone)}
              value={value.zone}
              onChange={(e) => onChange({ ...value, zone: e.currentTarget.value })}
            />
            <Week
              all={week}
              onChange={(all) => {
                setWeek(all);
                onChange({ ...value, hours: plain(all) });
              }}
            />
            <ForwardFields
              label={t`Outside of them`}
              none={t`As when no phone is on`}
              of={of}
              value={value.closed}
              onChange={(closed) => onChange({ ...value, closed })}
            />
          </Stack>
        </Fieldset>
      )}
    </>
  );
}
