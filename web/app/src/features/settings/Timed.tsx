import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, Select, Stack } from "@mantine/core";
import type { components } from "~/api/schema";
import { type Destination, DestinationFields, DestinationText } from "./Destination";
import { useSchedules } from "./Schedules";

/** The working hours of a number or extension, and where its calls go outside of them. */
export type Timed = { schedule?: string; closed?: components["schemas"]["Destination"] };

const turnedAway: Timed["closed"] = { kind: "refuse", responsible: false, seconds: 25 };

/** What goes to the server: nothing without hours. */
export const timed = ({ schedule, closed }: Timed) =>
  schedule ? { schedule, closed: (closed ?? turnedAway) as Destination } : {};

type Props = { value: Timed; onChange: (change: Timed) => void; withResponsible?: boolean };

export function TimedFields({ value, onChange, withResponsible }: Props) {
  const { t } = useLingui();
  const schedules = useSchedules();
  const closed = value.closed ?? turnedAway!;
  if (!schedules) return null;
  return (
    <>
      <Select
        label={t`Hours`}
        description={schedules.length ? undefined : t`Add working hours first, below on this page`}
        disabled={!schedules.length}
        data={[{ value: "", label: t`At any time` }, ...schedules.map((s) => ({ value: s.id, label: s.name }))]}
        value={value.schedule ?? ""}
        onChange={(schedule) => onChange({ schedule: schedule ?? "" })}
      />
      {value.schedule && (
        <Fieldset legend={t`When closed`}>
          <Stack gap="md">
            <DestinationFields
              value={closed as Destination}
              onChange={(change) => onChange({ closed: { ...closed, ...change } as Timed["closed"] })}
              withResponsible={withResponsible}
              withRefuse
            />
          </Stack>
        </Fieldset>
      )}
    </>
  );
}

/** The hours of a number or extension in words; nothing where it has none. */
export function TimedText({ of: { schedule, closed } }: { of: Timed }) {
  const name = useSchedules()?.find((s) => s.id === schedule)?.name ?? "—";
  if (!schedule || !closed) return null;
  return (
    <div>
      <Trans>
        Outside of “{name}”: <DestinationText to={closed} />
      </Trans>
    </div>
  );
}
