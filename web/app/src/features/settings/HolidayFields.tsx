import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { type Holiday, shownDate } from "./hours";
import classes from "./Settings.module.css";
import { SpanFields } from "./SpanFields";
import type { Keyed } from "./Week";

type Props = { all: Keyed<Holiday>[]; onChange: (all: Keyed<Holiday>[]) => void };

/** The days that differ. */
export function HolidayFields({ all, onChange }: Props) {
  const { t } = useLingui();
  const set = (of: Keyed<Holiday>, change: Partial<Holiday>) =>
    onChange(all.map((h) => (h === of ? { ...h, ...change } : h)));
  return (
    <Stack gap="md" component="section" aria-label={t`Holidays`}>
      <Text fw={500}>
        <Trans>Holidays</Trans>
      </Text>
      {all.length === 0 && (
        <Text c="dimmed">
          <Trans>None yet. Add the public holidays, and days on which you work other hours.</Trans>
        </Text>
      )}
      {all.map((h) => (
        <HolidayRow
          key={h.key}
          day={h}
          onChange={(change) => set(h, change)}
          onRemove={() => onChange(all.filter((x) => x !== h))}
        />
      ))}
      <Group>
        <Button
          variant="default"
          onClick={() => onChange([...all, { name: "", date: "", hours: [], key: Date.now() }])}
        >
          <Trans>Add a holiday</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

type RowProps = { day: Holiday; onChange: (change: Partial<Holiday>) => void; onRemove: () => void };

function HolidayRow({ day, onChange, onRemove }: RowProps) {
  const { t } = useLingui();
  const [yearly, setYearly] = useState(day.date.length === 5);
  const date = shownDate(day.date, new Date().getFullYear());
  const dated = (date: string, yearly: boolean) => onChange({ date: yearly ? date.slice(5) : date });
  const spans = day.hours;
  return (
    <Stack gap="xs">
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          flex={1}
          required
          aria-label={t`Name of the day`}
          placeholder={t`Christmas`}
          value={day.name}
          onChange={(e) => onChange({ name: e.currentTarget.value })}
        />
        <TextInput
          type="date"
          size="xs"
          required
          aria-label={t`Date`}
          value={date}
          onChange={(e) => dated(e.currentTarget.value, yearly)}
        />
        <ActionIcon aria-label={t`Remove`} onClick={onRemove}>
          <IconX className={classes.icon} />
        </ActionIcon>
      </Group>
      <Group gap="md">
        <Checkbox
          size="xs"
          label={t`Every year`}
          checked={yearly}
          onChange={(e) => {
            setYearly(e.currentTarget.checked);
            dated(date, e.currentTarget.checked);
          }}
        />
        <Checkbox
          size="xs"
          label={t`Closed all day`}
          checked={spans.length === 0}
          onChange={(e) => onChange({ hours: e.currentTarget.checked ? [] : [{ from: "10:00", to: "14:00" }] })}
        />
      </Group>
      {spans.map((span, i) => (
        <SpanFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a span is known by its place
          key={i}
          span={span}
          onChange={(change) => onChange({ hours: spans.map((s, at) => (at === i ? { ...s, ...change } : s)) })}
          onRemove={() => onChange({ hours: spans.filter((_, at) => at !== i) })}
        />
      ))}
    </Stack>
  );
}
