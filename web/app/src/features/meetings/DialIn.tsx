import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useDoors } from "~/api/queries";
import { phone } from "~/i18n/format";

/** How a phone comes into a room; nothing where no number leads there. */
export function DialIn({ room }: { room: string }) {
  const doors = useDoors().filter((d) => d.room === room);
  if (doors.length === 0) return null;
  const all = doors.map((d) => phone(d.number)).join(", ");
  return (
    <Text mt="sm">
      <Trans>By phone: {all}</Trans>
    </Text>
  );
}
