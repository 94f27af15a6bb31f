import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useExtensions, useNumbers } from "~/api/queries";
import { phone } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { hoursText, office, ownZone, type Schedule } from "./hours";
import { Row, Rows, Section, useDo } from "./parts";
import { ScheduleForm } from "./ScheduleForm";

const key = ["schedules"];
const read = async () => (await ok(api.GET("/api/v1/schedules"))).items;

/** When the company works, for numbers and extensions to follow. */
export function Schedules() {
  const { t, i18n } = useLingui();
  const [edited, setEdited] = useState<Schedule>();
  const followers = useFollowers();
  const remove = useDo((id: string) => ok(api.DELETE("/api/v1/schedules/{id}", { params: { path: { id } } })), [key]);
  const fresh = () => ({ id: "", name: t`Office hours`, zone: ownZone(), hours: [office], holidays: [] });
  return (
    <Section
      title={<Trans>Working hours</Trans>}
      about={<Trans>When somebody works. Outside of them a number or extension leads elsewhere.</Trans>}
      action={
        <Button onClick={() => setEdited(fresh())}>
          <Trans>Add working hours</Trans>
        </Button>
      }
    >
      <Rows<Schedule>
        queryKey={key}
        read={read}
        none={
          <Trans>
            Calls ring at any time. Add the hours in which you work, then choose them at a number under Edit.
          </Trans>
        }
        row={(s) => (
          <Row
            key={s.id}
            title={s.name}
            detail={
              <>
                {hoursText(s, i18n.locale)} · {s.zone}
                {s.holidays.length > 0 && " · "}
                {s.holidays.length > 0 && <Plural value={s.holidays.length} one="# holiday" other="# holidays" />}
                <Followers of={followers(s.id)} />
              </>
            }
          >
            <Button variant="default" data-open onClick={() => setEdited(s)}>
              <Trans>Edit</Trans>
            </Button>
            {followers(s.id).length === 0 && <DeleteButton onDelete={() => remove.mutate(s.id)} />}
          </Row>
        )}
      />
      {edited && <ScheduleForm schedule={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

/** The numbers and extensions that follow a schedule. */
function useFollowers(): (schedule: string) => string[] {
  const numbers = useNumbers() ?? [];
  const extensions = useExtensions();
  return (id) => [
    ...numbers.filter((n) => n.schedule === id).map((n) => phone(n.e164)),
    ...extensions.filter((e) => e.schedule === id).map((e) => e.number),
  ];
}

function Followers({ of }: { of: string[] }) {
  const numbers = of.join(", ");
  return (
    <div>
      {numbers ? <Trans>For {numbers}</Trans> : <Trans>No number has them yet: choose them at one under Edit</Trans>}
    </div>
  );
}

/** All working hours; undefined while unknown. */
export const useSchedules = () => useQuery({ queryKey: key, queryFn: read }).data;
