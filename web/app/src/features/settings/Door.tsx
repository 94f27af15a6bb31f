import { Trans } from "@lingui/react/macro";
import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { CopyText } from "~/parts/deeds";
import { sipDoors, sockets } from "./doors";

/** Where a phone or a PBX registers: server, port and transport; softphones of browsers by an address of their own. */
export function Door({ browsers = false }: { browsers?: boolean }) {
  const { data } = useQuery({ queryKey: ["system"], queryFn: () => ok(api.GET("/api/v1/system")) });
  const all = sipDoors(data?.listeners ?? [], location.hostname);
  const doors = all.filter((d) => !d.transport.startsWith("WS"));
  const open = browsers ? sockets(all) : [];
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
      {open.length > 0 && (
        <Text c="dimmed">
          <Trans>Softphone in a browser</Trans>
        </Text>
      )}
      {open.map((url) => (
        <CopyText key={url}>{url}</CopyText>
      ))}
    </>
  );
}
