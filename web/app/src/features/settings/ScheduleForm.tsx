import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Chip, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { FormDialog } from "~/parts/FormDialog";
import { HolidayFields } from "./HolidayFields";
import { dayName, type Holiday, type Schedule, type WorkingHours, week, zones } from "./hours";
import { useSave } from "./parts";
import { SpanFields } from "./SpanFields";

/** What a list of the form holds, with what tells its rows apart. */
export type Keyed<T> = T & { key: number };

const keyed = <T,>(all: T[]): Keyed<T>[] => all.map((x, key) => ({ ...x, key }));
const plain = <T,>(all: Keyed<T>[]) => all.map(({ key: _, ...rest }) => rest);

/** Working hours to be made or changed. */
export function ScheduleForm({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(schedule.name);
  const [zone, setZone] = useState(schedule.zone);
  const [hours, setHours] = useState(() => keyed(schedule.hours));
  const [holidays, setHolidays] = useState(() => keyed(schedule.holidays));
  const { id } = schedule;
  const body = { name, zone, hours: plain<WorkingHours>(hours), holidays: plain<Holiday>(holidays) };
  const save = useSave(
    () =>
      id
        ? ok(api.PUT("/api/v1/schedules/{id}", { params: { path: { id } }, body }))
        : ok(api.POST("/api/v1/schedules", { body })),
    [["schedules"]],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={id ? schedule.name : <Trans>Add working hours</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Name`}
        required
        data-autofocus
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <NativeSelect
        label={t`Time zone`}
        data={zones(zone)}
        value={zone}
        onChange={(e) => setZone(e.currentTarget.value)}
      />
      <Week all={hours} onChange={setHours} />
      <HolidayFields all={holidays} onChange={setHolidays} />
    </FormDialog>
  );
}

type WeekProps = { all: Keyed<WorkingHours>[]; onChange: (all: Keyed<WorkingHours>[]) => void };

/** The hours of a week: on which days from when to when. */
function Week({ all, onChange }: WeekProps) {
  const { t, i18n } = useLingui();
  const set = (of: Keyed<WorkingHours>, change: Partial<WorkingHours>) =>
    onChange(all.map((h) => (h === of ? { ...h, ...change } : h)));
  return (
    <Stack gap="md" component="section" aria-label={t`Week`}>
      {all.map((h) => (
        <Stack key={h.key} gap="xs">
          <Chip.Group multiple value={h.days} onChange={(days) => set(h, { days })}>
            <Group gap="xs">
              {week.map((day) => (
                <Chip key={day} value={day} size="xs">
                  {dayName(day, i18n.locale)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          <SpanFields
            span={h}
            onChange={(span) => set(h, span)}
            onRemove={all.length > 1 ? () => onChange(all.filter((x) => x !== h)) : undefined}
          />
        </Stack>
      ))}
      <Text size="xs" c="dimmed">
        <Trans>With a break: the same days twice. What ends before it begins ends on the next day.</Trans>
      </Text>
      <Group>
        <Button
          variant="default"
          onClick={() => onChange([...all, { days: ["sat"], from: "10:00", to: "14:00", key: Date.now() }])}
        >
          <Trans>Add hours</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
