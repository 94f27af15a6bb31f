import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { FormDialog } from "~/parts/FormDialog";
import { HolidayFields } from "./HolidayFields";
import { type Holiday, type Schedule, type WorkingHours, zones } from "./hours";
import { useSave } from "./parts";
import { keyed, plain, Week } from "./Week";

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
