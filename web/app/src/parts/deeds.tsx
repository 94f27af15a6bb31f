import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, CopyButton, Group } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import shared from "./parts.module.css";

type DeleteProps = { onDelete: () => void; label?: ReactNode; sure?: ReactNode };

/** Deletes after asking once more on the same button. */
export function DeleteButton({
  onDelete,
  label = <Trans>Delete</Trans>,
  sure: really = <Trans>Really delete</Trans>,
}: DeleteProps) {
  const [sure, setSure] = useState(false);
  return (
    <Button
      variant={sure ? "filled" : "subtle"}
      color={sure ? "red" : "gray"}
      onBlur={() => setSure(false)}
      onClick={() => (sure ? onDelete() : setSure(true))}
    >
      {sure ? really : label}
    </Button>
  );
}

/** A text to be copied elsewhere. */
export function CopyText({ children }: { children: string }) {
  const { t } = useLingui();
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <code className={shared.code} style={{ flex: 1 }}>
        {children}
      </code>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <ActionIcon aria-label={copied ? t`Copied` : t`Copy`} onClick={copy}>
            {copied ? <IconCheck className={shared.icon} /> : <IconCopy className={shared.icon} />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
