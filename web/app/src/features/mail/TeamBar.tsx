import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Menu, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconEye, IconPencil, IconUserCheck, IconUserPlus } from "@tabler/icons-react";
import { useMe, useUserName, useUsers } from "~/api/queries";
import { attempt } from "~/app/live";
import { Face } from "~/parts/people";
import type { Mailbox } from "./queries";
import classes from "./Team.module.css";
import { assign, type Look, others, type TeamState } from "./team";

type Props = { thread: string; box: Mailbox; state: TeamState };

/** Whose the conversation is, and which colleagues read or answer it now. */
export function TeamBar({ thread, box, state }: Props) {
  const me = useMe()?.id ?? "";
  const assignee = state.assigned?.user ?? "";
  const give = (user: string) => attempt(assign([{ thread, mailbox: box.id, assignee }], user));
  return (
    <div className={classes.bar}>
      <Assignee assignee={assignee} me={me} users={box.users} onGive={give} />
      <Looking looks={others(state.looks, me)} />
    </div>
  );
}

type AssigneeProps = { assignee: string; me: string; users: string[]; onGive: (user: string) => void };

function Assignee({ assignee, me, users, onGive }: AssigneeProps) {
  const { t } = useLingui();
  const people = useUsers().filter((u) => users.includes(u.id));
  const name = useUserName(assignee);
  const mine = assignee === me;
  return (
    <Group gap="xs" wrap="nowrap">
      {!assignee && (
        <Button size="compact-sm" variant="light" onClick={() => onGive(me)}>
          <Trans>Take it</Trans>
        </Button>
      )}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={
              assignee ? <IconUserCheck className={classes.icon} /> : <IconUserPlus className={classes.icon} />
            }
            aria-label={assignee ? t`Assigned to ${name}` : t`Give to a colleague`}
          >
            {mine ? <Trans>Yours</Trans> : assignee ? name : <Trans>Give to…</Trans>}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {people.map((u) => (
            <Menu.Item
              key={u.id}
              leftSection={<Face name={u.name} />}
              rightSection={u.id === assignee && <IconCheck className={classes.icon} />}
              onClick={() => u.id !== assignee && onGive(u.id)}
            >
              {u.name}
            </Menu.Item>
          ))}
          {assignee && (
            <>
              <Menu.Divider />
              <Menu.Item onClick={() => onGive("")}>
                <Trans>Nobody's</Trans>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function Looking({ looks }: { looks: Look[] }) {
  const shown = looks.slice(0, 4);
  return (
    <Group gap="sm" wrap="nowrap" className={classes.looks} role="status">
      {shown.map((l) => (
        <Looker key={l.user} look={l} />
      ))}
      {looks.length > shown.length && (
        <Text size="xs" c="dimmed">
          <Plural value={looks.length - shown.length} one="and # more" other="and # more" />
        </Text>
      )}
    </Group>
  );
}

function Looker({ look: { user, doing } }: { look: Look }) {
  const name = useUserName(user);
  const answers = doing === "answering";
  const Icon = answers ? IconPencil : IconEye;
  return (
    <span className={classes.look} data-doing={doing}>
      <Icon className={classes.small} />
      {answers ? <Trans>{name} answers</Trans> : <Trans>{name} reads</Trans>}
    </span>
  );
}

/** Who has a conversation of the list open, in its row. */
export function RowLook({ look: { user, doing } }: { look: Look }) {
  const { t } = useLingui();
  const name = useUserName(user);
  const answers = doing === "answering";
  const Icon = answers ? IconPencil : IconEye;
  const says = answers ? t`${name} answers` : t`${name} reads`;
  return (
    <Tooltip label={says}>
      <span className={classes.look} data-doing={doing} role="img" aria-label={says}>
        <Icon className={classes.small} />
        {name.split(" ")[0]}
      </span>
    </Tooltip>
  );
}

/** Whose a conversation of the list is. */
export function RowAssignee({ user }: { user: string }) {
  const { t } = useLingui();
  const name = useUserName(user);
  const mine = useMe()?.id === user;
  if (!name) return null;
  return (
    <span className={classes.assignee} data-mine={mine} title={t`Assigned to ${name}`}>
      <IconUserCheck className={classes.small} />
      {mine ? <Trans>You</Trans> : name.split(" ")[0]}
    </span>
  );
}
