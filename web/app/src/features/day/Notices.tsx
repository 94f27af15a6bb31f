import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Text, UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { Ref } from "~/api";
import { cards } from "~/app/card";
import { offer } from "~/app/notify";
import { type Words, word } from "~/app/words";
import parts from "~/parts/parts.module.css";
import { When } from "~/parts/When";
import classes from "./Day.module.css";
import { type Notice, useNotices, useRead } from "./notices";

const stopped: Words = {
  loop: msg`was switched off: it set itself off again and again`,
  busy: msg`was switched off: it ran too often with one record`,
};

/** What one was told and has not read yet. */
export function Notices() {
  const unread = useNotices().filter((n) => !n.read);
  const read = useRead();
  if (!unread.length) return null;
  const mark = (ids: string[]) => {
    read(ids, true);
    offer(msg`Marked as read`, () => read(ids, false));
  };
  return (
    <section className={classes.block}>
      <h2 className={classes.title}>
        <Trans>You were told</Trans>{" "}
        <Text span c="dimmed">
          {unread.length}
        </Text>
      </h2>
      <ul className={classes.rows}>
        {unread.map((n) => (
          <li key={n.id}>
            <NoticeRow n={n} onRead={() => mark([n.id])} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoticeRow({ n, onRead }: { n: Notice; onRead: () => void }) {
  const navigate = useNavigate();
  const go = () => {
    if (n.what === "rule_stopped") void navigate({ to: "/settings/$page", params: { page: "automation" } });
    else if (n.about) cards.show({ kind: n.about.kind, id: n.about.id } as Ref);
  };
  const text = n.what === "rule_stopped" ? `“${n.name}” ${word(stopped, n.text)}` : n.text;
  return (
    <div className={classes.row}>
      <UnstyledButton className={`${classes.what} ${parts.link}`} data-step onClick={go}>
        <span className={classes.text}>{text}</span>
        <Text span c="dimmed" truncate>
          {[n.about?.name, n.what === "rule" && n.name].filter(Boolean).join(" · ")}
        </Text>
      </UnstyledButton>
      <Text span size="xs" c="dimmed" className={classes.when}>
        <When at={n.at} />
      </Text>
      <Button variant="default" size="xs" onClick={onRead}>
        <Trans>Read</Trans>
      </Button>
    </div>
  );
}
