import { Trans, useLingui } from "@lingui/react/macro";
import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Section, useDo } from "./parts";
import classes from "./Settings.module.css";

type Told = components["schemas"]["ToldDomains"];

const key = ["mail-told"];

/** What other domains are told of their mail. */
export function ToldDomains() {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => ok(api.GET("/api/v1/mail/told")) });
  const save = useDo((body: Told) => ok(api.PUT("/api/v1/mail/told", { body })), [key]);
  const now = save.isPending ? save.variables : data;
  return (
    <Section
      title={<Trans>Reports to other domains</Trans>}
      about={
        <Trans>
          Once a day, to domains that ask for it: numbers, no contents. They find forged mail and broken encryption by
          them, as you do by theirs.
        </Trans>
      }
    >
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      {now && (
        <ul className={classes.rows}>
          <li className={classes.row}>
            <Switch
              label={t`Who sent mail in their name, and whether that was proven (DMARC)`}
              checked={now.dmarc}
              onChange={(e) => save.mutate({ ...now, dmarc: e.currentTarget.checked })}
            />
          </li>
          <li className={classes.row}>
            <Switch
              label={t`How your mail to them was encrypted (TLSRPT)`}
              checked={now.tls}
              onChange={(e) => save.mutate({ ...now, tls: e.currentTarget.checked })}
            />
          </li>
        </ul>
      )}
    </Section>
  );
}
