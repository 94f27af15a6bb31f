import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Text, Textarea } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useMe, useUserName, useUsers } from "~/api/queries";
import { attempt } from "~/app/live";
import { complain } from "~/app/notify";
import { Face } from "~/parts/people";
import { When } from "~/parts/When";
import type { Mailbox } from "./queries";
import classes from "./Team.module.css";
import { type Comment, comment, mentioned, mentioning, uncomment } from "./team";

type Props = { thread: string; box: Mailbox; comments: Comment[] };

/** What colleagues say to each other beside a conversation. */
export function Comments({ thread, box, comments }: Props) {
  const { t } = useLingui();
  const at = { thread, mailbox: box.id };
  return (
    <section className={classes.comments} aria-label={t`Comments of colleagues`}>
      {comments.map((c) => (
        <Said key={c.id} c={c} onRemove={() => attempt(uncomment(at, c))} />
      ))}
      <Say users={box.users} onSay={(text, mentions) => comment(at, text, mentions)} />
    </section>
  );
}

function Said({ c, onRemove }: { c: Comment; onRemove: () => void }) {
  const { t } = useLingui();
  const name = useUserName(c.user);
  const mine = useMe()?.id === c.user;
  return (
    <div className={classes.comment}>
      <Face name={name} />
      <div className={classes.says}>
        <Text span size="xs" fw={600}>
          {name}
        </Text>{" "}
        <Text span size="xs" c="dimmed">
          <When at={c.at} />
        </Text>
        <br />
        {c.text}
      </div>
      {mine && (
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t`Remove the comment`} onClick={onRemove}>
          <IconX className={classes.small} />
        </ActionIcon>
      )}
    </div>
  );
}

type SayProps = { users: string[]; onSay: (text: string, mentions: string[]) => Promise<void> };

/** A comment is written in one line that grows; @ and a name tell a colleague of it. Ctrl-Enter says it. */
function Say({ users, onSay }: SayProps) {
  const { t } = useLingui();
  const me = useMe()?.id;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const people = useUsers().filter((u) => users.includes(u.id) && u.id !== me);
  const part = mentioning(text);
  const offered = part === undefined ? [] : people.filter((p) => startsWith(p.name, part)).slice(0, 5);
  const say = () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    onSay(text, mentioned(text, people))
      .then(() => setText(""), complain)
      .finally(() => setBusy(false));
  };
  const name = (whom: string) => {
    setText(text.replace(/@[^\s@]*$/, `@${whom} `));
    field.current?.focus();
  };
  const keys = (e: KeyboardEvent) => {
    const [first] = offered;
    if (e.key === "Enter" && e.ctrlKey) say();
    else if (first && (e.key === "Enter" || e.key === "Tab") && part) name(first.name);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div>
      <Textarea
        ref={field}
        id="mail-comment"
        size="xs"
        autosize
        minRows={1}
        maxRows={8}
        aria-label={t`Comment for colleagues`}
        placeholder={t`Comment for colleagues; the client never sees it. @ tells one of them.`}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={keys}
      />
      {(offered.length > 0 || text.trim()) && (
        <Group gap="xs" mt="xs">
          {text.trim() && (
            <Button size="compact-sm" loading={busy} onClick={say}>
              <Trans>Comment</Trans>
            </Button>
          )}
          {offered.map((p) => (
            <Button key={p.id} size="compact-sm" variant="light" color="gray" onClick={() => name(p.name)}>
              @{p.name}
            </Button>
          ))}
        </Group>
      )}
    </div>
  );
}

/** Whether a name, or a word of it, begins so. */
function startsWith(name: string, part: string): boolean {
  return name
    .toLocaleLowerCase()
    .split(/\s+/)
    .some((word) => word.startsWith(part));
}
