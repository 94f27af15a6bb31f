import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { phone } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { useNames } from "~/parts/people";
import { OutTrial } from "./OutTrial";
import { swapped } from "./Pipelines";
import { Row, Rows, Section, useDo } from "./parts";
import { useSchedules } from "./Schedules";
import classes from "./Settings.module.css";
import { WayOutForm } from "./WayOutForm";
import { placed, readWaysOut, saveWaysOut, useDepartments, useLines, type WayOut, wayOutKey } from "./waysOut";

/** Over which lines calls go out: the first route that fits decides. */
export function WaysOut() {
  const { t } = useLingui();
  const [edited, setEdited] = useState<{ at: number; way: WayOut }>();
  const list = useQuery({ queryKey: wayOutKey, queryFn: readWaysOut }).data ?? [];
  const save = useDo(saveWaysOut, [wayOutKey]);
  const fresh: WayOut = {
    name: "",
    prefixes: [],
    countries: [],
    users: [],
    departments: [],
    trunks: [],
    caller_id: "",
  };
  return (
    <Section
      title={<Trans>Routes of calls out</Trans>}
      about={
        <Trans>
          Over which line a call goes, from top to bottom: the first route that fits decides. What fits none takes any
          line.
        </Trans>
      }
      action={
        <Button onClick={() => setEdited({ at: -1, way: fresh })}>
          <Trans>Add a route</Trans>
        </Button>
      }
    >
      <Rows<WayOut>
        queryKey={wayOutKey}
        read={readWaysOut}
        none={<Trans>No route yet: each call takes the first line that works. Add one to choose a cheaper line.</Trans>}
        row={(way, at) => (
          <Row key={at} title={way.name} detail={<Detail way={way} />}>
            <ActionIcon aria-label={t`Up`} disabled={at === 0} onClick={() => save.mutate(swapped(list, at, at - 1))}>
              <IconArrowUp className={classes.icon} />
            </ActionIcon>
            <ActionIcon
              aria-label={t`Down`}
              disabled={at === list.length - 1}
              onClick={() => save.mutate(swapped(list, at, at + 1))}
            >
              <IconArrowDown className={classes.icon} />
            </ActionIcon>
            <Button variant="default" data-open onClick={() => setEdited({ at, way })}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => save.mutate(placed(list, at, undefined))} />
          </Row>
        )}
      />
      <OutTrial />
      {edited && <WayOutForm list={list} at={edited.at} way={edited.way} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

/** Which calls a route is for, and the lines it takes. */
function Detail({ way }: { way: WayOut }) {
  const { i18n, t } = useLingui();
  const lines = useLines();
  const who = useNames()(way.users);
  const departments = useDepartments();
  const teams = way.departments.map((id) => departments.find((d) => d.id === id)?.name ?? "—").join(", ");
  const hours = useSchedules()?.find((s) => s.id === way.schedule)?.name;
  const names = new Intl.DisplayNames([i18n.locale], { type: "region" });
  const fits = [way.prefixes.join(", "), way.countries.map((c) => names.of(c)).join(", "), who, teams, hours];
  const shown = phone(way.caller_id);
  return (
    <>
      {fits.filter(Boolean).join(" · ") || <Trans>All calls</Trans>} →{" "}
      {way.trunks.map((id) => lines.find((l) => l.id === id)?.name ?? "—").join(", ")}
      {way.caller_id && ` · ${t`shows ${shown}`}`}
    </>
  );
}
