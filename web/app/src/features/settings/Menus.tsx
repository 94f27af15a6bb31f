import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { DeleteButton } from "~/parts/deeds";
import { DestinationText } from "./Destination";
import { MenuForm } from "./MenuForm";
import { type Menu, menusKey, readMenus, usePrompts } from "./machines";
import { Row, Rows, Section, useDo } from "./parts";

/** Voice menus and announcements. */
export function Menus() {
  const { i18n } = useLingui();
  const [edited, setEdited] = useState<Menu>();
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/menus/{id}", { params: { path: { id } } })),
    [menusKey, ["prompts"]],
  );
  const fresh = (keys: Menu["keys"]): Menu => ({
    id: "",
    name: "",
    prompt: "",
    language: i18n.locale,
    keys,
    wait: 5,
    repeats: keys.length ? 2 : 0,
    direct: false,
  });
  return (
    <Section
      title={<Trans>Voice menus and announcements</Trans>}
      about={<Trans>Callers hear a prompt, then choose by keys or go on by themselves.</Trans>}
      action={
        <Group gap="sm">
          <Button variant="default" onClick={() => setEdited(fresh([]))}>
            <Trans>Add an announcement</Trans>
          </Button>
          <Button
            onClick={() => setEdited(fresh([{ key: "1", to: { kind: "user", responsible: false, seconds: 25 } }]))}
          >
            <Trans>Add a voice menu</Trans>
          </Button>
        </Group>
      }
    >
      <Rows<Menu>
        queryKey={menusKey}
        read={readMenus}
        none={<Trans>None yet. Add a prompt above, then a menu that says it; numbers can lead there.</Trans>}
        row={(m) => (
          <Row key={m.id} title={m.name} detail={<Flow of={m} />}>
            <Button variant="default" data-open onClick={() => setEdited(m)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(m.id)} />
          </Row>
        )}
      />
      {edited && <MenuForm menu={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

/** What it says, and where each key leads, line by line. */
function Flow({ of: { prompt, keys, otherwise, direct } }: { of: Menu }) {
  const said = usePrompts()?.items.find((p) => p.id === prompt)?.name ?? "—";
  return (
    <>
      <Trans>Says “{said}”</Trans>
      {keys.map(({ key, to }) => (
        <div key={key}>
          {key} → <DestinationText to={to} />
        </div>
      ))}
      {direct && (
        <div>
          <Trans>An extension → whom it rings</Trans>
        </div>
      )}
      <div>
        {keys.length ? <Trans>No key</Trans> : <Trans>Then</Trans>} →{" "}
        {otherwise && otherwise.kind !== "refuse" ? <DestinationText to={otherwise} /> : <Trans>Hung up</Trans>}
      </div>
    </>
  );
}
