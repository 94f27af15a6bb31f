import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { HolidayFields } from "./HolidayFields";
import { type Holiday, type Schedule, type WorkingHours, zones } from "./hours";
import { NamedForm } from "./NamedForm";
import { keyed, plain, Week } from "./Week";

/** Working hours to be made or changed. */
export function ScheduleForm({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(schedule.name);
  const [zone, setZone] = useState(schedule.zone);
  const [hours, setHours] = useState(() => keyed(schedule.hours));
  const [holidays, setHolidays] = useState(() => keyed(schedule.holidays));
  const body = { name, zone, hours: plain<WorkingHours>(hours), holidays: plain<Holiday>(holidays) };
  return (
    <NamedForm
      of={schedule}
      add={<Trans>Add working hours</Trans>}
      name={name}
      onName={setName}
      make={() => ok(api.POST("/api/v1/schedules", { body }))}
      change={(path) => ok(api.PUT("/api/v1/schedules/{id}", { params: { path }, body }))}
      keys={[["schedules"]]}
      onClose={onClose}
    >
      <NativeSelect
        label={t`Time zone`}
        data={zones(zone)}
        value={zone}
        onChange={(e) => setZone(e.currentTarget.value)}
      />
      <Week all={hours} onChange={setHours} />
      <HolidayFields all={holidays} onChange={setHolidays} />
    </NamedForm>
  );
}
