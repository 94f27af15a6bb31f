import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Menu, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { fullDate } from "~/i18n/format";
import { moments } from "./later";

type Props = { onPick: (at: Date) => void };

/** The moments that people mean most, as items of a menu. */
export function MomentItems({ onPick }: Props) {
  const { i18n } = useLingui();
  const [list] = useState(() => moments(new Date()));
  return list.map(({ says, at }) => (
    <Menu.Item key={says.id} rightSection={fullDate(at)} onClick={() => onPick(at)}>
      {i18n._(says)}
    </Menu.Item>
  ));
}

/** Those moments as buttons, and any other. */
export function MomentPicker({ onPick }: Props) {
  const { t, i18n } = useLingui();
  const [list] = useState(() => moments(new Date()));
  const [other, setOther] = useState("");
  const at = other ? new Date(other) : undefined;
  const good = at !== undefined && at.getTime() > Date.now();
  return (
    <Stack gap="xs">
      {list.map(({ says, at }, n) => (
        <Button
          key={says.id}
          variant="default"
          justify="space-between"
          rightSection={fullDate(at)}
          data-autofocus={n === 0 || undefined}
          onClick={() => onPick(at)}
        >
          {i18n._(says)}
        </Button>
      ))}
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          flex={1}
          type="datetime-local"
          label={t`Another time`}
          value={other}
          onChange={(e) => setOther(e.currentTarget.value)}
        />
        <Button disabled={!good} onClick={() => at && onPick(at)}>
          <Trans>Choose</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
