import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import {
  IconAdjustments,
  IconArchive,
  IconClock,
  IconFolder,
  IconInbox,
  IconMailX,
  IconNotes,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useState } from "react";
import { explain } from "~/app/notify";
import classes from "./Folders.module.css";
import { useScheduled } from "./later";
import { type Folder, type Mailbox, useFolders } from "./queries";
import { folderNames, snoozed } from "./strings";

const RulesDialog = lazy(() => import("./RulesDialog"));

const icons: Record<string, ComponentType<{ className?: string }>> = {
  INBOX: IconInbox,
  Sent: IconSend,
  Junk: IconMailX,
  Drafts: IconNotes,
  Trash: IconTrash,
  Archive: IconArchive,
};
const order = ["INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash", ""];
const waiting = (f: Folder) => ({ Sent: 0, Drafts: f.total })[f.use] ?? f.unseen;
const use = (f: Folder) => (f.name === "INBOX" ? "INBOX" : f.use);

/** Name of a folder in the person's language, when it is one every mailbox has. */
export function useFolderName(): (f: Folder) => string {
  const { i18n } = useLingui();
  return (f) => (f.name === "Snoozed" ? i18n._(snoozed) : folderNames[use(f)] ? i18n._(folderNames[use(f)]!) : f.name);
}

type Props = { boxes: Mailbox[]; box: Mailbox | undefined; folder: Folder | undefined; scheduled?: boolean };

/** The mailboxes and the folders of each. */
export function Folders({ boxes, box, folder, scheduled }: Props) {
  const { t } = useLingui();
  const [ruling, setRuling] = useState(false);
  const later = useScheduled().data?.length ?? 0;
  return (
    <nav className={classes.folders} aria-label={t`Folders`}>
      {boxes.map((b) => (
        <div key={b.id}>
          <Text size="xs" c="dimmed" truncate className={classes.box} title={b.address}>
            {b.name || b.address}
          </Text>
          <FoldersOf box={b} selected={b.id === box?.id && !scheduled ? folder?.id : undefined} />
        </div>
      ))}
      {(later > 0 || scheduled) && (
        <Link
          to="/mail"
          search={{ scheduled: true }}
          className={classes.folder}
          data-step
          aria-current={scheduled ? "page" : undefined}
          activeProps={{}}
        >
          <IconClock className={classes.icon} />
          <span className={classes.name}>
            <Trans>Scheduled</Trans>
          </span>
          {later > 0 && <span className={classes.count}>{later}</span>}
        </Link>
      )}
      {box && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          mt="sm"
          leftSection={<IconAdjustments className={classes.icon} />}
          onClick={() => setRuling(true)}
        >
          <Trans>Rules and away</Trans>
        </Button>
      )}
      {ruling && box && (
        <Suspense>
          <RulesDialog box={box} onClose={() => setRuling(false)} />
        </Suspense>
      )}
    </nav>
  );
}

function FoldersOf({ box, selected }: { box: Mailbox; selected: string | undefined }) {
  const name = useFolderName();
  const { data: folders = [], error, refetch } = useFolders(box.id);
  if (error && !folders.length) return <Unread why={explain(error)} retry={() => void refetch()} />;
  const sorted = [...folders].sort(
    (a, b) => order.indexOf(use(a)) - order.indexOf(use(b)) || a.name.localeCompare(b.name),
  );
  return sorted.map((f) => {
    const Icon = icons[use(f)] ?? IconFolder;
    return (
      <Link
        key={f.id}
        to="/mail"
        search={{ box: box.id, folder: f.id }}
        className={classes.folder}
        data-step
        aria-current={f.id === selected ? "page" : undefined}
        activeProps={{}}
      >
        <Icon className={classes.icon} />
        <span className={classes.name}>{name(f)}</span>
        {waiting(f) > 0 && <span className={classes.count}>{waiting(f)}</span>}
      </Link>
    );
  });
}

/** In place of folders that could not be read. */
function Unread({ why, retry }: { why: string; retry: () => void }) {
  return (
    <div role="alert" className={classes.box}>
      <Text size="sm">{why}</Text>
      <Button variant="default" mt="sm" onClick={retry}>
        <Trans>Try again</Trans>
      </Button>
    </div>
  );
}
