import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Chip, Group, Stack, Text } from "@mantine/core";
import { dayName, type WorkingHours, week } from "./hours";
import { SpanFields } from "./SpanFields";

/** What a list of the form holds, with what tells its rows apart. */
export type Keyed<T> = T & { key: number };

export const keyed = <T,>(all: T[]): Keyed<T>[] => all.map((x, key) => ({ ...x, key }));
export const plain = <T,>(all: Keyed<T>[]) => all.map(({ key: _, ...rest }) => rest);

type WeekProps = { all: Keyed<WorkingHours>[]; onChange: (all: Keyed<WorkingHours>[]) => void };

/** The hours of a week: on which days from when to when. */
export function Week({ all, onChange }: WeekProps) {
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
