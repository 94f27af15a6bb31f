import { Trans } from "@lingui/react/macro";
import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { CopyText } from "~/parts/deeds";
import { sipDoors } from "./doors";

/** Where a phone or a PBX registers: server, port and transport. */
export function Door() {
  const { data } = useQuery({ queryKey: ["system"], queryFn: () => ok(api.GET("/api/v1/system")) });
  const doors = sipDoors(data?.listeners ?? [], location.hostname);
  if (!data) return null;
  if (!doors.length)
    return (
      <Alert color="orange">
        <Trans>Telephony has no address yet: set sip.udp or sip.tcp in the configuration, then restart.</Trans>
      </Alert>
    );
  return (
    <>
      <Text c="dimmed">
        <Trans>Server (registrar)</Trans>
      </Text>
      <CopyText>{doors[0]!.host}</CopyText>
      <Text c="dimmed">
        <Trans>Port and transport</Trans>
      </Text>
      {doors.map((d) => (
        <CopyText key={d.transport}>{`${d.port} ${d.transport}`}</CopyText>
      ))}
    </>
  );
}
