import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { Activity } from "~/api";
import { LateRows } from "~/parts/Late";
import Composer from "./Composer";
import { useSignatures } from "./kit";
import classes from "./MailEntry.module.css";
import { MessageBody } from "./MessageBody";
import { type Message, useMessage, useThread } from "./queries";

/** A mail in a timeline: its first words; opened, the whole of it and an answer in place. */
export function MailEntry({ a }: { a: Activity }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton className={classes.snippet} aria-expanded={open} onClick={() => setOpen(!open)}>
        {a.incoming && !a.verified && (
          <Badge color="orange" mr="xs">
            <Trans>unverified</Trans>
          </Badge>
        )}
        {a.newcomer && (
          <Badge color="orange" mr="xs">
            <Trans>new in this conversation: {a.address}</Trans>
          </Badge>
        )}
        <Text span c="dimmed" lineClamp={open ? undefined : 2}>
          {open ? a.address : a.body || a.address}
        </Text>
      </UnstyledButton>
      {open && <Opened id={a.source!} />}
    </>
  );
}

function Opened({ id }: { id: string }) {
  const [remote, setRemote] = useState(false);
  const { data: message, error } = useMessage(id, remote);
  if (error)
    return (
      <Text c="dimmed">
        <Trans>This mail is in a mailbox that is not yours.</Trans>
      </Text>
    );
  if (!message) return <LateRows count={3} />;
  return (
    <div className={classes.opened}>
      <MessageBody message={message} remote={remote} onRemote={() => setRemote(true)} />
      <Answer message={message} />
    </div>
  );
}

/** An answer, or the one that was begun before. */
function Answer({ message }: { message: Message }) {
  useSignatures(); // at hand when an answer begins: keys pressed at once are its
  const [writing, setWriting] = useState(false);
  const [over, setOver] = useState(false);
  const { data: thread } = useThread(message.thread, message.mailbox);
  const [begun, setBegun] = useState<string>();
  const found = thread?.filter((m) => m.draft).at(-1)?.id;
  if (found && !begun && !writing && !over) setBegun(found);
  if (writing || begun) {
    const done = () => {
      setWriting(false);
      setBegun(undefined);
      setOver(true);
    };
    return begun ? <Composer draft={begun} onDone={done} /> : <Composer answers={message} onDone={done} />;
  }
  return (
    <Group>
      <Button variant="default" onClick={() => setWriting(true)} disabled={!thread}>
        <Trans>Reply</Trans>
      </Button>
    </Group>
  );
}
