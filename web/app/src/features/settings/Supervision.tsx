import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { say } from "~/app/notify";
import { Section, useDo } from "./parts";

const queryKey = ["supervision"];

/** Whether agents see that somebody listens in. */
export function Supervision() {
  const { t } = useLingui();
  const { data } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/telephony/supervision")) });
  const save = useDo(
    (shown: boolean) => ok(api.PUT("/api/v1/telephony/supervision", { body: { shown } })),
    [queryKey],
    () => say(msg`Saved`),
  );
  return (
    <Section
      title={<Trans>Listening in</Trans>}
      about={
        <Trans>
          Administrators listen in on running calls, whisper to the agent or barge in, under Calls → Running; others may
          where their person says so, under People. Each time is written down. In many countries those in the call have
          to know.
        </Trans>
      }
    >
      {data && (
        <Switch
          label={t`Agents see who listens in on their call`}
          checked={data.shown}
          disabled={save.isPending}
          onChange={(e) => save.mutate(e.currentTarget.checked)}
        />
      )}
    </Section>
  );
}
