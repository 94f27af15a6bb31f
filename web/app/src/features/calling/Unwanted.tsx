import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { attempt, live, unwanted } from "~/app/live";
import { phone } from "~/i18n/format";
import { Why } from "./NeverCall";
import { useBarred, useByHand } from "./queries";

/** Asks whether a number is really to be called that asked not to be, where the company lets one. */
export default function Unwanted({ number }: { number: string }) {
  const { t } = useLingui();
  const barred = useBarred([number])[0];
  const refused = useByHand() === "refuse";
  const close = () => unwanted.set({ number: undefined });
  const call = () => {
    close();
    attempt(live.place(number, true));
  };
  return (
    <Modal
      opened
      onClose={close}
      title={<Trans>{phone(number)} asked not to be called</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="md">
        {barred && <Why of={barred} />}
        {refused && (
          <Text size="sm">
            <Trans>Your company does not call such numbers.</Trans>
          </Text>
        )}
        <Group justify="flex-end" gap="sm">
          {!refused && (
            <Button variant="default" size="sm" onClick={call}>
              <Trans>Call all the same</Trans>
            </Button>
          )}
          <Button size="sm" onClick={close} data-autofocus>
            <Trans>Do not call</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
