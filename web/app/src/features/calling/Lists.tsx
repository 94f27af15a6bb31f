import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Menu, Progress, Text } from "@mantine/core";
import { IconDots, IconListNumbers } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { attempt } from "~/app/live";
import { offer } from "~/app/notify";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { UserTag, useNames } from "~/parts/people";
import { State } from "~/parts/State";
import { step } from "~/parts/walk";
import classes from "./Calling.module.css";
import { type Draft, keep, ListForm } from "./ListForm";
import { type CallingList, listsKey, useCallingLists, useDepartments } from "./queries";
import { Work } from "./Work";

/** The calling lists that one works or looks after; one of them, while one works it. */
export default function Lists() {
  const { t } = useLingui();
  const { list } = useSearch({ from: "/calls" });
  const navigate = useNavigate({ from: "/calls" });
  const { data, error, refetch } = useCallingLists();
  const [edited, setEdited] = useState<Draft>();
  const open = (id: string | undefined) => void navigate({ search: (s) => ({ ...s, list: id }) });
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows />;
  const now = data.find((l) => l.id === list);
  if (now) return <Work list={now} onLeave={() => open(undefined)} />;
  if (!data.length)
    return (
      <Empty
        icon={<IconListNumbers />}
        title={<Trans>No calling lists yet</Trans>}
        action={
          <Button onClick={() => void navigate({ to: "/crm/$list", params: { list: "leads" } })}>
            <Trans>Choose leads</Trans>
          </Button>
        }
      >
        <Trans>
          Filter leads, contacts or companies, select some, and press “Calling list…”. Whoever works the list calls one
          after the other, with the card beside.
        </Trans>
      </Empty>
    );
  return (
    <>
      <ul className={classes.lists} aria-label={t`Calling lists`}>
        {data.map((l) => (
          <OneList key={l.id} l={l} onWork={() => open(l.id)} onEdit={() => setEdited(l)} />
        ))}
      </ul>
      {edited && <ListForm of={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

type OneProps = { l: CallingList; onWork: () => void; onEdit: () => void };

function OneList({ l, onWork, onEdit }: OneProps) {
  const { t } = useLingui();
  const names = useNames();
  const departments = useDepartments().filter((d) => l.departments?.includes(d.id));
  const who = [...(l.users?.length ? [names(l.users)] : []), ...departments.map((d) => d.name)].join(", ");
  return (
    <li className={classes.list} {...step}>
      <div className={classes.name}>
        <Text fw={600} truncate>
          {l.name}
        </Text>
        <Text c="dimmed" size="xs" truncate title={who}>
          <Trans>Called by {who}</Trans>
        </Text>
      </div>
      <Far of={l} />
      <UserTag id={l.owner} />
      <div className={classes.tools}>
        {l.paused && (
          <State is="wait">
            <Trans>Paused</Trans>
          </State>
        )}
        {l.works && (
          <Button size="xs" onClick={onWork} disabled={l.paused}>
            <Trans>Start calling</Trans>
          </Button>
        )}
        {l.mine && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size="md" aria-label={t`More about ${l.name}`}>
                <IconDots className={classes.icon} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={onEdit}>
                <Trans>Change…</Trans>
              </Menu.Item>
              <Menu.Item onClick={() => attempt(keep({ ...l, paused: !l.paused }))}>
                {l.paused ? <Trans>Go on</Trans> : <Trans>Pause</Trans>}
              </Menu.Item>
              <Menu.Item color="red" onClick={() => remove(l)}>
                <Trans>Delete</Trans>
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </li>
  );
}

const regret = 6000; // ms

/** Deletes a list, unless that is taken back in time: how far it was could not be made again. */
function remove(l: CallingList): void {
  client.setQueryData<CallingList[]>(listsKey, (all) => all?.filter((x) => x.id !== l.id));
  const doing = setTimeout(() => {
    attempt(
      ok(api.DELETE("/api/v1/calling-lists/{id}", { params: { path: { id: l.id } } })).finally(() =>
        client.invalidateQueries({ queryKey: listsKey }),
      ),
    );
  }, regret);
  offer(
    msg`“${l.name}” deleted`,
    () => {
      clearTimeout(doing);
      void client.invalidateQueries({ queryKey: listsKey });
    },
    regret,
  );
}

/** How far a list is. */
export function Far({ of: { progress: p } }: { of: CallingList }) {
  const { t } = useLingui();
  const share = (n: number) => (p.total ? (100 * n) / p.total : 0);
  return (
    <div className={classes.far} data-testid="calling-progress">
      <Progress.Root size="sm" aria-label={t`Progress`}>
        <Progress.Section value={share(p.done)} color="green" aria-label={t`Done`} />
        <Progress.Section value={share(p.failed + p.refused + p.no_phone)} color="gray" aria-label={t`Not reached`} />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {[
          t`${p.left} of ${p.total} left`,
          t`${p.reached} reached`,
          t`${p.done} done`,
          p.later && t`${p.later} later`,
          p.failed && t`${p.failed} never answered`,
          p.refused && t`${p.refused} not to be called`,
          p.no_phone && t`${p.no_phone} without a number`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
    </div>
  );
}
