import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Kbd, Menu, Modal, Text } from "@mantine/core";
import { IconBell, IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { fullDate } from "~/i18n/format";
import classes from "./Composer.module.css";
import { undoSeconds } from "./later";
import { MomentItems, MomentPicker } from "./MomentPicker";

type Props = {
  loading: boolean;
  disabled: boolean;
  remind: Date | undefined;
  onRemind: (at: Date | undefined) => void;
  onLater: (at: Date) => void;
};

const day = 86_400_000;
const waits = [
  { says: msg`In two days`, days: 2 },
  { says: msg`In a week`, days: 7 },
  { says: msg`In a month`, days: 30 },
];

/** Sends now, or says when, and when to tell that nobody answered. */
export function SendButton({ loading, disabled, remind, onRemind, onLater }: Props) {
  const { t, i18n } = useLingui();
  const [choosing, setChoosing] = useState(false);
  const [undo, setUndo] = useState(undoSeconds.get);
  const chooseUndo = (seconds: number) => {
    undoSeconds.set(seconds);
    setUndo(seconds);
  };
  return (
    <>
      <Group gap={2} wrap="nowrap">
        <Button type="submit" loading={loading} disabled={disabled} rightSection={<Kbd size="xs">Ctrl ↵</Kbd>}>
          <Trans>Send</Trans>
        </Button>
        <Menu position="top-start">
          <Menu.Target>
            <ActionIcon size="lg" variant="filled" color="accent" aria-label={t`Later, and more`}>
              <IconChevronDown className={classes.icon} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              <Trans>Send later</Trans>
            </Menu.Label>
            {!disabled && <MomentItems onPick={onLater} />}
            <Menu.Item disabled={disabled} onClick={() => setChoosing(true)}>
              <Trans>Another time…</Trans>
            </Menu.Item>
            <Menu.Divider />
            <Menu.Label>
              <Trans>Tell me if nobody answers</Trans>
            </Menu.Label>
            {waits.map(({ says, days }) => (
              <Menu.Item key={says.id} onClick={() => onRemind(new Date(Date.now() + days * day))}>
                {i18n._(says)}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Label>
              <Trans>Time to take a mail back</Trans>
            </Menu.Label>
            <Group gap={2} px="xs" pb="xs">
              {undoSeconds.choices.map((s) => (
                <Button
                  key={s}
                  size="compact-xs"
                  variant={s === undo ? "light" : "subtle"}
                  color="gray"
                  aria-pressed={s === undo}
                  leftSection={s === undo && <IconCheck className={classes.icon} />}
                  onClick={() => chooseUndo(s)}
                >
                  {t`${s} s`}
                </Button>
              ))}
            </Group>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {remind && (
        <Button
          size="compact-sm"
          variant="light"
          color="gray"
          leftSection={<IconBell className={classes.icon} />}
          title={t`Don't tell me`}
          onClick={() => onRemind(undefined)}
        >
          <Text span size="xs">
            {fullDate(remind)} ×
          </Text>
        </Button>
      )}
      <Modal
        opened={choosing}
        onClose={() => setChoosing(false)}
        title={<Trans>Send later</Trans>}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        <MomentPicker
          onPick={(at) => {
            setChoosing(false);
            onLater(at);
          }}
        />
      </Modal>
    </>
  );
}
