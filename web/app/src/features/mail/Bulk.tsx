import { Plural, useLingui } from "@lingui/react/macro";
import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconArchive, IconClock, IconFolder, IconMailOpened, IconTag, IconTrash, IconX } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { attempt } from "~/app/live";
import type { Dialogs } from "./mailKeys";
import type { Picked } from "./picked";
import { act, type Conversation, type Folder } from "./queries";
import classes from "./Threads.module.css";

type Props = { picked: Picked; threads: Conversation[]; folder: Folder | undefined; dialogs: Dialogs };

/** What can be done with the picked conversations. */
export function Bulk({ picked, threads, folder, dialogs }: Props) {
  const { t } = useLingui();
  const list = threads.filter((c) => picked.has(c));
  const put = (use: "Archive" | "Trash") => () => {
    picked.clear();
    attempt(act(list, { use, from: folder?.id }));
  };
  const unread = list.some((c) => c.unread > 0);
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t`Picked conversations`}>
      <Text size="sm" fw={600}>
        <Plural value={list.length} one="# picked" other="# picked" />
      </Text>
      <Deed label={t`Archive`} icon={IconArchive} onClick={put("Archive")} />
      <Deed label={t`Delete`} icon={IconTrash} onClick={put("Trash")} />
      <Deed
        label={unread ? t`Mark as read` : t`Mark as unread`}
        icon={IconMailOpened}
        onClick={() => attempt(act(list, { seen: unread, from: folder?.id }))}
      />
      <Deed label={t`Labels`} icon={IconTag} onClick={dialogs.label} />
      <Deed label={t`Move to a folder`} icon={IconFolder} onClick={dialogs.move} />
      <Deed label={t`Put off`} icon={IconClock} onClick={dialogs.snooze} />
      <Deed label={t`Pick none`} icon={IconX} onClick={() => picked.clear()} />
    </div>
  );
}

type DeedProps = { label: string; icon: ComponentType<{ className?: string }>; onClick: () => void };

function Deed({ label, icon: Icon, onClick }: DeedProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon className={classes.icon} />
      </ActionIcon>
    </Tooltip>
  );
}
