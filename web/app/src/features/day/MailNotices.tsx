import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useUsers } from "~/api/queries";
import { noticeWords, useNotices } from "~/features/mail/team";
import parts from "~/parts/parts.module.css";
import { When } from "~/parts/When";
import classes from "./Day.module.css";

/** Conversations of shared mailboxes that one was given or mentioned in, and did not open since. */
export function MailNotices() {
  const { i18n } = useLingui();
  const notices = useNotices();
  useUsers(); // whose names are said
  if (!notices.length) return null;
  return (
    <section className={classes.block}>
      <h2 className={classes.title}>
        <Trans>For you in shared mailboxes</Trans>{" "}
        <Text span c="dimmed">
          {notices.length}
        </Text>
      </h2>
      <ul className={classes.rows}>
        {notices.map((n) => (
          <li key={n.id}>
            <div className={classes.row}>
              <Link
                to="/mail"
                search={{ box: n.mailbox, thread: n.thread }}
                className={`${classes.what} ${parts.link}`}
                data-step
              >
                <span className={classes.text}>{i18n._(noticeWords(n))}</span>
                <Text span c="dimmed" truncate>
                  {n.text}
                </Text>
              </Link>
              <Text span size="xs" c="dimmed" className={classes.when}>
                <When at={n.at} />
              </Text>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
