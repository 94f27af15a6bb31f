import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Button, Group, Text, Title, Tooltip, UnstyledButton } from "@mantine/core";
import { IconArchive, IconFlag, IconFlagFilled, IconInbox, IconMailX, IconTrash } from "@tabler/icons-react";
import { type ComponentType, useEffect, useState } from "react";
import { cards, roomy } from "~/app/card";
import { showClient } from "~/app/find";
import { attempt } from "~/app/live";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Face } from "~/parts/people";
import { When } from "~/parts/When";
import { Composer } from "./Composer";
import { MessageBody } from "./MessageBody";
import { personName } from "./people";
import { type Folder, mark, move, type Summary, useMessage, useThread } from "./queries";
import { junkReasons } from "./strings";
import classes from "./Thread.module.css";

type Props = { thread: string; mailbox: string; folders: Folder[]; onGone: () => void };

/** One conversation, oldest first, the last message open; the answer is written at its foot. */
export function Thread({ thread, mailbox, folders, onGone }: Props) {
  const { data: messages, error, refetch } = useThread(thread, mailbox);
  const [writing, setWriting] = useState<"one" | "all">();
  const last = messages?.at(-1);
  useSeen(messages);
  useClientCard(messages);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!messages || !last) return <LateRows />;
  return (
    <div className={classes.thread}>
      <header className={classes.head}>
        <Title order={2} className={classes.subject}>
          {last.subject || <Trans>(no subject)</Trans>}
        </Title>
        <Tools messages={messages} folders={folders} onGone={onGone} />
      </header>
      {messages.map((m) => (
        <Item key={m.id} summary={m} open={m === last} />
      ))}
      <div className={classes.foot}>
        {writing ? (
          <Answer id={last.id} all={writing === "all"} onDone={() => setWriting(undefined)} />
        ) : (
          <Group gap="sm">
            <Button onClick={() => setWriting("one")}>
              <Trans>Reply</Trans>
            </Button>
            {last.to.length + last.cc.length > 1 && (
              <Button variant="default" onClick={() => setWriting("all")}>
                <Trans>Reply to all</Trans>
              </Button>
            )}
          </Group>
        )}
      </div>
    </div>
  );
}

function useSeen(messages: Summary[] | undefined): void {
  useEffect(() => {
    const ids = messages?.filter((m) => !m.seen).map((m) => m.id) ?? [];
    if (ids.length) void mark(ids, { seen: true }).catch(() => {});
  }, [messages]);
}

/** Opens the card of whom the conversation is with, unless the card is busy with a call or pinned. */
function useClientCard(messages: Summary[] | undefined): void {
  const client = messages?.find((m) => !m.outgoing)?.from ?? messages?.[0]?.to[0];
  const address = client?.address;
  const name = client?.name;
  useEffect(() => {
    const { pinned, event } = cards.get();
    if (address && roomy() && !pinned && event?.reason !== "call")
      void showClient(address, name ?? "", "mail").catch(() => {});
  }, [address, name]);
}

function Tools({ messages, folders, onGone }: { messages: Summary[]; folders: Folder[]; onGone: () => void }) {
  const { t } = useLingui();
  const flagged = messages.some((m) => m.flagged);
  const Flag = flagged ? IconFlagFilled : IconFlag;
  const here = folders.find((f) => f.id === messages.at(-1)?.folder);
  const targets: [string, string, ComponentType<{ className?: string }>][] = [
    ["INBOX", here?.use === "Junk" ? t`Not junk` : t`Move to the inbox`, IconInbox],
    ["Archive", t`Archive`, IconArchive],
    ["Junk", t`Junk`, IconMailX],
    ["Trash", t`Delete`, IconTrash],
  ];
  const go = (to: Folder) => {
    move(
      messages.filter((m) => !m.outgoing || m.folder === here?.id),
      to,
    );
    onGone();
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Tool
        label={flagged ? t`Take the flag off` : t`Flag`}
        onClick={() => attempt(mark([messages.at(-1)!.id], { flagged: !flagged }))}
      >
        <Flag className={classes.icon} />
      </Tool>
      {targets.map(([use, label, Icon]) => {
        const to = folders.find((f) => (f.name === "INBOX" ? "INBOX" : f.use) === use);
        if (!to || to === here) return null;
        return (
          <Tool key={use} label={label} onClick={() => go(to)}>
            <Icon className={classes.icon} />
          </Tool>
        );
      })}
    </Group>
  );
}

function Tool({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Item({ summary: m, open: first }: { summary: Summary; open: boolean }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(first);
  const name = personName(m.from);
  return (
    <article className={classes.item} data-open={open}>
      <UnstyledButton className={classes.from} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Face name={name} />
        <span className={classes.names}>
          <Text span fw={600} truncate>
            {name}
          </Text>
          <Text span c="dimmed" size="xs" truncate>
            {open ? t`to ${m.to.map(personName).join(", ")}` : m.snippet}
          </Text>
        </span>
        {!m.outgoing && !m.verdict.verified && (
          <Badge color="orange">
            <Trans>unverified</Trans>
          </Badge>
        )}
        <Text span size="xs" c="dimmed">
          <When at={m.date} />
        </Text>
      </UnstyledButton>
      {open && m.verdict.junk && <Reasons m={m} />}
      {open && <Body id={m.id} />}
    </article>
  );
}

function Reasons({ m }: { m: Summary }) {
  const { i18n } = useLingui();
  return (
    <div className={classes.junk}>
      <Text fw={600}>
        <Trans>The filter took this for junk</Trans>
      </Text>
      <ul className={classes.reasons}>
        {junkReasons(m.verdict).map((reason) => (
          <li key={reason.id}>{i18n._(reason)}</li>
        ))}
      </ul>
      {m.verdict.reasons.length > 0 && (
        <details>
          <summary>
            <Trans>What the checks said</Trans>
          </summary>
          {m.verdict.reasons.map((reason) => (
            <div key={reason}>{reason}</div>
          ))}
        </details>
      )}
    </div>
  );
}

function Body({ id }: { id: string }) {
  const [remote, setRemote] = useState(false);
  const { data, error } = useMessage(id, remote);
  if (error) return <Failure error={error} />;
  if (!data) return <LateRows count={4} />;
  return <MessageBody message={data} remote={remote} onRemote={() => setRemote(true)} />;
}

function Answer({ id, all, onDone }: { id: string; all: boolean; onDone: () => void }) {
  const { data } = useMessage(id, false);
  return data ? <Composer answers={data} all={all} onDone={onDone} /> : <LateRows count={3} />;
}
