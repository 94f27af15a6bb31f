import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useUserName } from "~/api/queries";
import { word } from "~/app/words";
import { When } from "~/parts/When";
import { allow, readStops, type Stop, stopReasons, stopsKey } from "./limits";
import { useDo } from "./parts";
import { useLines } from "./waysOut";

/** Whose calls out are stopped, for an administrator to allow them again. Nothing while nobody's are. */
export function Stops() {
  const list = useQuery({ queryKey: stopsKey, queryFn: readStops, refetchInterval: 30_000 }).data ?? [];
  return list.map((s) => <Stopped key={s.payer} stop={s} />);
}

function Stopped({ stop }: { stop: Stop }) {
  const user = useUserName(stop.payer);
  const line = useLines().find((l) => l.id === stop.payer)?.name;
  const release = useDo(() => allow(stop.payer), [stopsKey]);
  const name = user || line || stop.payer;
  return (
    <Alert color="red" role="alert" title={<Trans>Calls out of {name} are stopped</Trans>}>
      <Stack gap="xs" align="flex-start">
        <span>
          <When at={stop.since} />: {word(stopReasons, stop.why)}.{" "}
          <Trans>If it was not {name}, change the password and end the sessions before you allow calls again.</Trans>
        </span>
        <Group>
          <Button size="xs" variant="default" loading={release.isPending} onClick={() => release.mutate()}>
            <Trans>Allow calls again</Trans>
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
