import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Button, Group, Menu, Text, Title, Tooltip, UnstyledButton } from "@mantine/core";
import { IconArchive, IconDots, IconFlag, IconFlagFilled, IconInbox, IconMailX, IconTrash } from "@tabler/icons-react";
import { type ComponentType, useEffect, useState } from "react";
import { cards, roomy } from "~/app/card";
import { showClient } from "~/app/find";
import { attempt } from "~/app/live";
import { offer } from "~/app/notify";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Face } from "~/parts/people";
import { When } from "~/parts/When";
import { Clash } from "./Clash";
import { Comments } from "./Comments";
import Composer from "./Composer";
import { exclude, include } from "./exclude";
import { useSignatures } from "./kit";
import { Leave } from "./Leave";
import { MessageBody } from "./MessageBody";
import { personName } from "./people";
import { print } from "./print";
import { type Folder, mark, move, type Summary, useMessage, useThread } from "./queries";
import { junkReasons } from "./strings";
import { TeamBar } from "./TeamBar";
import classes from "./Thread.module.css";
import { ThreadDeals } from "./ThreadDeals";
import { useLooking, useShared, useTeam } from "./team";

type Props = { thread: string; mailbox: string; folders: Folder[]; answering?: string; onGone: () => void };

/** One conversation, oldest first, the last message open; the answer is written at its foot. */
export function Thread(props: Props) {
  const { data: messages, error, refetch } = useThread(props.thread, props.mailbox);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!messages?.length) return <LateRows />;
  return <Conversation {...props} messages={messages} />;
}

/** What is written at the foot: an answer, or a draft that is there already. */
type Writing = { how?: How; draft?: string; n: number };
type How = "reply" | "all" | "forward";
const howOf = (answer: string | undefined): How | undefined =>
  answer === undefined ? undefined : answer === "all" || answer === "forward" ? answer : "reply";

function Conversation({ thread, mailbox, messages, folders, answering, onGone }: Props & { messages: Summary[] }) {
  const mails = messages.filter((m) => !m.draft);
  const box = useShared(mailbox);
  const { writing, write, saved, done, drafts } = useWriting(
    messages.filter((m) => m.draft),
    howOf(answering),
    mails.length > 0 && box !== undefined,
  );
  const team = useTeam(thread, mailbox, box !== undefined);
  const answers = writing !== undefined && writing.how !== "forward";
  useLooking(thread, mailbox, answers ? "answering" : "reading", box !== undefined);
  const last = mails.at(-1);
  useSeen(messages);
  useSignatures(); // at hand when an answer begins: keys pressed at once are its
  useClientCard(messages);
  const shown = last ? mails : messages;
  return (
    <div className={classes.thread}>
      <header className={classes.head}>
        <Title order={2} className={classes.subject}>
          {shown.at(-1)!.subject || <Trans>(no subject)</Trans>}
        </Title>
        <Tools messages={shown} folders={folders} onGone={onGone} />
      </header>
      <ThreadDeals thread={thread} mailbox={mailbox} />
      {box && team && <TeamBar thread={thread} box={box} state={team} />}
      {mails.map((m) => (
        <Item key={m.id} summary={m} open={m === last} />
      ))}
      {drafts.map((d) => (
        <Button key={d.id} variant="default" justify="flex-start" onClick={() => write({ draft: d.id })}>
          <Text span truncate>
            <Trans>Draft</Trans> · {d.snippet || d.subject}
          </Text>
        </Button>
      ))}
      {box && team && <Comments thread={thread} box={box} comments={team.comments} />}
      <div className={classes.foot}>
        {team && answers && <Clash state={team} />}
        {writing?.draft && <Composer key={writing.n} draft={writing.draft} onDone={() => (last ? done() : onGone())} />}
        {writing && !writing.draft && last && (
          <Answer key={writing.n} id={last.id} how={writing.how ?? "reply"} onSaved={saved} onDone={done} />
        )}
        {!writing && last && (
          <Group gap="sm">
            <Button onClick={() => write({})}>
              <Trans>Reply</Trans>
            </Button>
            {last.to.length + last.cc.length > 1 && (
              <Button variant="default" onClick={() => write({ how: "all" })}>
                <Trans>Reply to all</Trans>
              </Button>
            )}
            <Button variant="default" onClick={() => write({ how: "forward" })}>
              <Trans>Forward</Trans>
            </Button>
          </Group>
        )}
      </div>
    </div>
  );
}

/** Which of the drafts is open, the newest at first, but for one that may be a colleague's; what is open or done isn't offered again. */
function useWriting(all: Summary[], answering: How | undefined, shared: boolean) {
  const [writing, setWriting] = useState<Writing | undefined>(() => {
    const newest = shared ? undefined : all.at(-1);
    if (newest && answering !== "forward") return { draft: newest.id, n: 0 };
    return answering && { how: answering, n: 0 };
  });
  const [answer, setAnswer] = useState<string>();
  const [over, setOver] = useState<(string | undefined)[]>([]);
  const hidden = [...over, writing?.draft, answer];
  return {
    writing,
    drafts: all.filter((d) => !hidden.includes(d.id)),
    write: (what: Omit<Writing, "n">) => {
      setAnswer(undefined);
      setWriting({ ...what, n: (writing?.n ?? 0) + 1 });
    },
    saved: setAnswer,
    done: () => {
      setOver(hidden);
      setAnswer(undefined);
      setWriting(undefined);
    },
  };
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
      <More messages={messages} />
    </Group>
  );
}

/** What is seldom done with a conversation. */
function More({ messages }: { messages: Summary[] }) {
  const { t } = useLingui();
  const theirs = messages.findLast((m) => !m.outgoing);
  if (!theirs) return null;
  const { address } = theirs.from;
  const leaveOut = () =>
    attempt(
      exclude(address, theirs.mailbox).then((made) =>
        offer(msg`Mail of ${address} is not filed with clients any more`, () => attempt(include(made.id))),
      ),
    );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t`More`}>
          <IconDots className={classes.icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={leaveOut}>
          <Trans>Don't file mail of this sender</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
  return (
    <>
      <Leave message={data} />
      <MessageBody message={data} remote={remote} onRemote={() => setRemote(true)} />
      <Group gap="xs" mt="sm">
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => print(data)}>
          <Trans>Print</Trans>
        </Button>
        <Button
          component="a"
          variant="subtle"
          color="gray"
          size="compact-xs"
          href={`/api/v1/mail/messages/${id}/raw`}
          download
        >
          <Trans>Save as a file</Trans>
        </Button>
      </Group>
    </>
  );
}

type AnswerProps = { id: string; how: How; onSaved: (draft: string) => void; onDone: () => void };

function Answer({ id, how, onSaved, onDone }: AnswerProps) {
  const { data } = useMessage(id, false);
  if (!data) return <LateRows count={3} />;
  if (how === "forward") return <Composer forwards={data} onSaved={onSaved} onDone={onDone} />;
  return <Composer answers={data} all={how === "all"} onSaved={onSaved} onDone={onDone} />;
}
