import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { useExtensions } from "~/api/queries";
import { phone } from "~/i18n/format";

/** How a phone comes into a room; nothing where no number leads there. */
export function DialIn({ room }: { room: string }) {
  const extensions = useExtensions().filter((e) => e.meeting === room);
  const { data } = useQuery({
    queryKey: ["numbers"],
    queryFn: async () => (await ok(api.GET("/api/v1/numbers"))).items,
    staleTime: 60_000,
  });
  const numbers = (data ?? []).filter((n) => n.destination.meeting === room);
  const all = [...numbers.map((n) => phone(n.e164)), ...extensions.map((e) => e.number)].join(", ");
  if (!all) return null;
  return (
    <Text mt="sm">
      <Trans>By phone: {all}</Trans>
    </Text>
  );
}
