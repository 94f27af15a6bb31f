import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Kbd, Modal, Text } from "@mantine/core";
import classes from "./HelpDialog.module.css";
import type { Shortcut } from "./keys";

type Props = { opened: boolean; onClose: () => void; shortcuts: Shortcut[] };

/** All keys. */
export function HelpDialog({ opened, onClose, shortcuts }: Props) {
  const { i18n, t } = useLingui();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Trans>Keys</Trans>}
      size="lg"
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <dl className={classes.keys}>
        {shortcuts.map((s) => (
          <div key={s.keys} className={classes.key}>
            <dt>
              <Group gap="xs" wrap="nowrap">
                {s.keys.split(/[ +]/).map((k) => (
                  <Kbd key={k}>{k}</Kbd>
                ))}
              </Group>
            </dt>
            <Text component="dd" m={0} truncate>
              {i18n._(s.what)}
            </Text>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
