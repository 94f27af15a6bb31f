import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import { IconListNumbers, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api, type Kind, ok } from "~/api";
import { client, useMe } from "~/api/queries";
import { attempt } from "~/app/live";
import { say } from "~/app/notify";
import classes from "./Calling.module.css";
import { type Draft, fresh, ListForm } from "./ListForm";
import { listsKey, useCallingLists } from "./queries";

type Props = { kind: Kind; ids: string[]; onDone: () => void };

/** Puts the records that are picked on a calling list, an old one or a new one. */
export function AddToCallingList({ kind, ids, onDone }: Props) {
  const me = useMe()?.id ?? "";
  const [opened, setOpened] = useState(false);
  const [made, setMade] = useState<Draft>();
  const add = async (list: string, name: string) => {
    const { added, already, refused } = await ok(
      api.POST("/api/v1/calling-lists/{id}/records", { params: { path: { id: list } }, body: { ids } }),
    );
    void client.invalidateQueries({ queryKey: listsKey });
    if (refused) say(msg`${refused} were left out: they are not there any more`);
    if (already) say(msg`On “${name}”: ${added} more, ${already} were there already`);
    else say(msg`On “${name}”: ${added} more`);
    onDone();
  };
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start">
        <Menu.Target>
          <Button variant="default" leftSection={<IconListNumbers className={classes.icon} />}>
            <Trans>Calling list…</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="50vh" style={{ overflow: "auto" }}>
          {opened && <Own kind={kind} onPick={(id, name) => attempt(add(id, name))} />}
          <Menu.Item leftSection={<IconPlus className={classes.icon} />} onClick={() => setMade(fresh(kind, me))}>
            <Trans>New calling list</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {made && <ListForm of={made} onClose={() => setMade(undefined)} onKept={(list) => add(list.id, list.name)} />}
    </>
  );
}

function Own({ kind, onPick }: { kind: Kind; onPick: (id: string, name: string) => void }) {
  const { data = [] } = useCallingLists();
  return data
    .filter((l) => l.mine && l.kind === kind)
    .map((l) => (
      <Menu.Item key={l.id} onClick={() => onPick(l.id, l.name)}>
        {l.name}
      </Menu.Item>
    ));
}
