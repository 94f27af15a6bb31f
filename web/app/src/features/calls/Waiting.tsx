import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import { attempt, live } from "~/app/live";
import { phone } from "~/i18n/format";
import { State } from "~/parts/State";
import { step } from "~/parts/walk";
import classes from "./Calls.module.css";

/** Calls that one may take: parked ones, and those that ring colleagues of one's groups. Nothing while there are none. */
export function Waiting() {
  const { t, i18n } = useLingui();
  const users = useUsers();
  const { data } = useQuery({ queryKey: ["waiting"], queryFn: () => ok(api.GET("/api/v1/calls/waiting")) });
  if (!data || data.parked.length + data.ringing.length === 0) return null;
  const names = (ids: string[]) =>
    new Intl.ListFormat(i18n.locale).format(ids.map((id) => users.find((u) => u.id === id)?.name ?? "—"));
  return (
    <ul className={classes.waiting} aria-label={t`Calls you can take`}>
      {data.parked.map((c) => (
        <Row key={c.call} call={c.call} who={c.from_name || phone(c.from)}>
          <State is="wait">
            <Trans>Parked: {c.slot}</Trans>
          </State>
        </Row>
      ))}
      {data.ringing.map((c) => (
        <Row key={c.call} call={c.call} who={c.from_name || phone(c.from)}>
          <State is="wait">
            <Trans>Rings at {names(c.rung)}</Trans>
          </State>
        </Row>
      ))}
    </ul>
  );
}

function Row({ call, who, children }: { call: string; who: string; children: ReactNode }) {
  const { t } = useLingui();
  const name = who || t`Unknown`;
  return (
    <li className={classes.waits} {...step}>
      <Text fw={500} truncate flex={1}>
        {name}
      </Text>
      {children}
      <Button size="xs" onClick={() => attempt(live.fetch(call))} aria-label={t`Take the call of ${name}`}>
        <Trans>Take</Trans>
      </Button>
    </li>
  );
}
