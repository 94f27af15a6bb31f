import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, FileButton, Group, Progress, Text } from "@mantine/core";
import { IconPaperclip, IconX } from "@tabler/icons-react";
import { fileSize } from "~/i18n/format";
import classes from "./Composer.module.css";
import { carries, sameAs } from "./files";
import type { StoredFile } from "./keeper";

export type Attach = File | StoredFile;

type ListProps = {
  stored: StoredFile[];
  fresh: File[];
  onRemove: (file: Attach) => void;
  limit: number;
  tooBig: boolean;
  sent?: number;
};

const keyOf = (f: Attach) => ("key" in f ? f.key : sameAs(f));

/** The files of a mail that is being written, and how far they are on their way. */
export function Attachments({ stored, fresh, onRemove, limit, tooBig, sent }: ListProps) {
  const { t } = useLingui();
  const files: Attach[] = [...stored, ...fresh];
  if (!files.length) return null;
  const total = fileSize(files.reduce((sum, f) => sum + f.size, 0));
  const most = fileSize(carries(limit));
  return (
    <>
      <Group component="ul" gap="xs" className={classes.files} aria-label={t`Attached files`}>
        {files.map((f) => (
          <li key={keyOf(f)} data-stored={"key" in f} className={classes.file}>
            <IconPaperclip className={classes.icon} aria-hidden />
            <span className={classes.name}>{f.name}</span>
            <Text span c="dimmed" className={classes.size}>
              {fileSize(f.size)}
            </Text>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={t`Remove ${f.name}`}
              onClick={() => onRemove(f)}
            >
              <IconX className={classes.icon} />
            </ActionIcon>
          </li>
        ))}
      </Group>
      {sent !== undefined && <Progress size="sm" value={sent * 100} aria-label={t`Saving files`} />}
      {tooBig && (
        <Text size="xs" className={classes.problem} role="alert">
          <Trans>
            The files are {total} together; a mail here carries {most} at most. Take one out, or send a link to it.
          </Trans>
        </Text>
      )}
    </>
  );
}

/** Chooses files from the computer. */
export function AttachButton({ onFiles, disabled }: { onFiles: (files: File[]) => void; disabled: boolean }) {
  const { t } = useLingui();
  return (
    <FileButton multiple onChange={onFiles} disabled={disabled}>
      {(props) => (
        <ActionIcon
          {...props}
          size="lg"
          variant="subtle"
          color="gray"
          aria-label={t`Attach files`}
          title={t`Attach files`}
        >
          <IconPaperclip className={classes.icon} />
        </ActionIcon>
      )}
    </FileButton>
  );
}
