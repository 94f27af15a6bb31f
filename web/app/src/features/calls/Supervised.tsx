import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { IconEar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { useMe } from "~/api/queries";
import { attempt, live, useLiveState } from "~/app/live";
import { useTalkers } from "~/app/Overheard";
import { Timer } from "~/app/Timer";
import type { CallView } from "~/live/protocol";
import { supervising } from "~/live/state";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { step } from "~/parts/walk";
import classes from "./Calls.module.css";

/** Whether one may listen in on calls of others. */
export function useSupervises(): boolean {
  const me = useMe();
  return me?.role === "admin" || !!me?.supervises;
}

/** Running calls in on which one may listen. */
export function useSupervised(enabled: boolean) {
  return useQuery({
    queryKey: ["supervised"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/calls/supervised", { signal }))).items as CallView[],
    enabled,
    refetchInterval: 3000, // whose calls these are is told only to those in them
  });
}

/** The calls of others that run now, in on which one may listen. */
export function Supervised() {
  const { t } = useLingui();
  const { data, isPending, error, refetch } = useSupervised(true);
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data.length) {
    return (
      <Empty icon={<IconEar />} title={<Trans>Nobody talks now</Trans>}>
        <Trans>
          Calls of the people whom you supervise appear here while they run: you can listen, whisper, or barge in.
        </Trans>
      </Empty>
    );
  }
  return (
    <ul className={classes.waiting} aria-label={t`Running calls of others`}>
      {data.map((view) => (
        <Row key={view.call} view={view} />
      ))}
    </ul>
  );
}

function Row({ view }: { view: CallView }) {
  const who = useTalkers(view);
  return (
    <li className={classes.waits} {...step}>
      <Text fw={500} truncate flex={1}>
        {who}
      </Text>
      <State is="live">
        <Timer since={view.answered} />
      </State>
      <ListenIn view={view} who={who} />
    </li>
  );
}

/** Begins to listen in on a call; how one is heard the call bar offers then. */
export function ListenIn({ view, who }: { view: CallView; who: string }) {
  const { t } = useLingui();
  const now = supervising(useLiveState()).some(({ view: { call } }) => call === view.call);
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={now}
      leftSection={<IconEar className={classes.icon} />}
      onClick={() => attempt(live.supervise(view.call, "listen"))}
      aria-label={t`Listen in on ${who}`}
    >
      <Trans>Listen</Trans>
    </Button>
  );
}
