import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Menu, Text, Title, UnstyledButton } from "@mantine/core";
import type { CardView } from "~/api";
import { useUsers } from "~/api/queries";
import { useChange } from "~/api/records";
import { kinds, subtitleOf, word } from "~/app/words";
import { day, unset } from "~/i18n/format";
import type { CardEvent } from "~/live/protocol";
import { Face, Presence, UserTag } from "~/parts/people";
import classes from "./RecordCard.module.css";

/** Name, role, responsible, since when. */
export function CardHead({ view, event }: { view: CardView; event?: CardEvent }) {
  const since = day(view.since);
  return (
    <header className={classes.head}>
      <Face name={view.name} size="md" />
      <div className={classes.headText}>
        <Title order={2} className={classes.name} data-testid="card-name">
          {view.name}
        </Title>
        <Text c="dimmed" truncate>
          {subtitleOf(view) || word(kinds, view.ref.kind)}
        </Text>
        <div className={classes.meta}>
          <Responsible view={view} />
          {!unset(view.since) && (
            <Text span c="dimmed" size="xs">
              <Trans>since {since}</Trans>
            </Text>
          )}
          {view.lead?.stage === "new" && (
            <Badge color="accent">
              <Trans>New lead</Trans>
            </Badge>
          )}
          <Doubt event={event} />
        </div>
        {!view.readable && (
          <Text c="dimmed" mt="sm">
            <Trans>Another colleague looks after this client.</Trans>
          </Text>
        )}
      </div>
    </header>
  );
}

/** How sure it is that this is the one. */
function Doubt({ event }: { event?: CardEvent }) {
  if (event?.match === "maybe")
    return (
      <Badge color="orange">
        {event.reason === "mail" ? (
          <Trans>Somebody new in this client's conversation</Trans>
        ) : (
          <Trans>Maybe: number not certain</Trans>
        )}
      </Badge>
    );
  return null;
}

function Responsible({ view }: { view: CardView }) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const change = useChange(view.ref);
  if (!view.readable) return <UserTag id={view.responsible} />;
  return (
    <Menu width="var(--fd-people)">
      <Menu.Target>
        <UnstyledButton aria-label={t`Responsible`}>
          <UserTag id={view.responsible} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="50vh" style={{ overflow: "auto" }}>
        <Menu.Label>
          <Trans>Responsible</Trans>
        </Menu.Label>
        {users.map((u) => (
          <Menu.Item
            key={u.id}
            leftSection={<Presence user={u.id} />}
            onClick={() => change.mutate({ responsible: u.id })}
          >
            {u.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
