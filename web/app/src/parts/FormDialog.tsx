import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { explain } from "~/app/notify";
import classes from "./FormDialog.module.css";

type Props = {
  title: ReactNode;
  opened: boolean;
  onClose: () => void;
  onSave: () => void;
  /** What onSave started: why it was refused is said above its button. */
  saving: { isPending: boolean; error: Error | null; reset: () => void };
  children: ReactNode;
  save?: ReactNode;
  /** It has more beside each other than a narrow one holds. */
  wide?: boolean;
};

/** A form in a dialog. Its buttons are in sight however long it is. */
export function FormDialog({ title, opened, onClose, onSave, saving, children, save, wide }: Props) {
  const { t } = useLingui();
  useReturn();
  const { reset } = saving;
  useEffect(() => {
    if (!opened) reset();
  }, [opened, reset]);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onSave();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={wide ? "xl" : undefined}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          <div className={classes.ends}>
            {saving.error && (
              <Alert color="red" role="alert">
                {explain(saving.error)}
              </Alert>
            )}
            <Group justify="flex-end" gap="sm">
              <Button variant="subtle" color="gray" size="sm" onClick={onClose}>
                <Trans>Cancel</Trans>
              </Button>
              <Button type="submit" size="sm" loading={saving.isPending}>
                {save ?? <Trans>Save</Trans>}
              </Button>
            </Group>
          </div>
        </Stack>
      </form>
    </Modal>
  );
}

/** Gives the focus back to where it was, should the dialog be taken away instead of being closed. */
function useReturn(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const nowhere = document.activeElement === document.body;
      if (nowhere && before instanceof HTMLElement) before.focus({ preventScroll: true });
    },
    [before],
  );
}
