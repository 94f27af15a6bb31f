import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Text } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconFlagFilled, IconInbox, IconPaperclip } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useMe } from "~/api/queries";
import { useStore } from "~/live/store";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { When } from "~/parts/When";
import { layout } from "~/theme";
import { Bulk } from "./Bulk";
import { useMailKeys } from "./mailKeys";
import { personName } from "./people";
import { lineKey, Picked } from "./picked";
import { type Conversation, type Folder, useThreads } from "./queries";
import { RowAssignee, RowLook } from "./TeamBar";
import classes from "./Threads.module.css";
import { type Look, type Taken, useLooks, useShared } from "./team";

type Props = {
  box: string | undefined;
  folder: Folder | undefined;
  folders: Folder[];
  q: string | undefined;
  /** Whether all of one's mailboxes are looked through. */
  all: boolean;
  selected: string | undefined;
  taken: Taken | undefined;
};

/** The conversations of a folder. */
export function Threads({ box, folder, folders, q, all, selected, taken }: Props) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/mail" });
  const open = (c: Conversation, answer?: string) =>
    void navigate({
      search: (s) => ({
        ...s,
        box: c.mailbox,
        thread: c.thread,
        compose: undefined,
        draft: undefined,
        answer,
      }),
    });
  const { threads, more, isPending, error, refetch } = useThreads(q && all ? undefined : box, folder?.id, q, taken);
  const looks = useLooks(box);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: threads.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.threadRow,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (threads.length && last >= threads.length - 8) more();
  }, [last, threads.length, more]);
  const [picked] = useState(() => new Picked());
  const marked = useStore(picked.state, (s) => s.keys);
  const shared = useShared(box) !== undefined;
  const me = useMe()?.id ?? "";
  const at = q ? undefined : folder;
  const dialogs = useMailKeys({ box, folder: at, folders, threads, picked, open, selected, shared, me });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (isPending) return <LateRows />;
  if (!threads.length) return <Nothing q={q} folder={folder} taken={taken} />;
  return (
    <>
      {marked.size > 0 && <Bulk picked={picked} threads={threads} folder={q ? undefined : folder} dialogs={dialogs} />}
      {dialogs.node}
      <div ref={scroller} className={classes.scroller}>
        <ul className={classes.list} style={{ height: virtual.getTotalSize() }} aria-label={t`Conversations`}>
          {items.map((item) => {
            const c = threads[item.index]!;
            return (
              <li
                key={lineKey(c)}
                ref={virtual.measureElement}
                data-index={item.index}
                className={classes.place}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <button
                  type="button"
                  className={classes.row}
                  aria-current={c.thread === selected}
                  data-unread={c.unread > 0}
                  data-picked={marked.has(lineKey(c))}
                  data-key={lineKey(c)}
                  data-step
                  onMouseDown={(e) => e.shiftKey && e.preventDefault()} // no text is marked
                  onClick={(e) => {
                    if (e.shiftKey) return picked.range(threads, c);
                    if (e.ctrlKey || e.metaKey) return picked.toggle(c);
                    picked.touch(c);
                    open(c);
                  }}
                >
                  <Row c={c} picked={marked.has(lineKey(c))} looks={looks.filter((l) => l.thread === c.thread)} />
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

function Row({ c, picked, looks }: { c: Conversation; picked: boolean; looks: Look[] }) {
  const { t } = useLingui();
  const who = c.outgoing ? c.to.map(personName).join(", ") : personName(c.from);
  return (
    <>
      <span className={classes.line}>
        {picked && <IconCheck className={classes.icon} aria-label={t`Picked`} />}
        <span className={classes.who}>
          {c.outgoing && (
            <Text span c="dimmed">
              {c.draft ? <Trans>Draft to</Trans> : <Trans>To</Trans>}{" "}
            </Text>
          )}
          {who}
          {c.count > 1 && (
            <Text span c="dimmed" size="xs">
              {" "}
              {c.count}
            </Text>
          )}
        </span>
        {looks[0] && <RowLook look={looks.find((l) => l.doing === "answering") ?? looks[0]} />}
        {c.answered && <IconArrowBackUp className={classes.icon} />}
        {c.attachments > 0 && <IconPaperclip className={classes.icon} />}
        {c.flagged && <IconFlagFilled className={classes.icon} />}
        <Text span size="xs" c="dimmed">
          <When at={c.date} />
        </Text>
      </span>
      <span className={classes.line}>
        <span className={classes.subject}>{c.subject || <Trans>(no subject)</Trans>}</span>
        {c.labels.slice(0, 3).map((label) => (
          <Badge key={label} size="xs" variant="light" className={classes.label}>
            {label}
          </Badge>
        ))}
      </span>
      <span className={classes.line}>
        <span className={classes.snippet}>{c.snippet}</span>
        {c.assignee && <RowAssignee user={c.assignee} />}
      </span>
    </>
  );
}

type NothingProps = { q: string | undefined; folder: Folder | undefined; taken: Taken | undefined };

function Nothing({ q, folder, taken }: NothingProps) {
  if (taken) return <Empty title={<Trans>No such conversation here</Trans>} />;
  if (q) return <Empty title={<Trans>Nothing found for “{q}”</Trans>} />;
  if (folder?.name !== "INBOX") return <Empty title={<Trans>This folder is empty</Trans>} />;
  return (
    <Empty icon={<IconInbox />} title={<Trans>No mail yet</Trans>}>
      <Trans>What clients write to you appears here and on their card.</Trans>
    </Empty>
  );
}
