import { Trans, useLingui } from "@lingui/react/macro";
import { Button, MultiSelect, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { type Box, boxesKey as key, languages, readBoxes, usePrompts } from "./machines";
import { NamedForm } from "./NamedForm";
import { Row, Rows, Section, useDo } from "./parts";

type BoxInput = components["schemas"]["BoxInput"];

/** Where callers leave messages. */
export function Boxes() {
  const { i18n } = useLingui();
  const [edited, setEdited] = useState<Box>();
  const users = useUsers();
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/voicemail-boxes/{id}", { params: { path: { id } } })),
    [key, ["prompts"]],
  );
  const names = (ids: string[]) => ids.map((id) => users.find((u) => u.id === id)?.name ?? "?").join(", ");
  return (
    <Section
      title={<Trans>Voicemail</Trans>}
      about={<Trans>Callers leave a message; it comes by mail and stands with the client's calls.</Trans>}
      action={
        <Button
          onClick={() => setEdited({ id: "", name: "", users: [], greeting: "", language: i18n.locale, seconds: 180 })}
        >
          <Trans>Add a voicemail box</Trans>
        </Button>
      }
    >
      <Rows<Box>
        queryKey={key}
        read={readBoxes}
        none={
          <Trans>None yet. Add a box for a colleague or a team, then let numbers lead there when nobody answers.</Trans>
        }
        row={(b) => (
          <Row key={b.id} title={b.name} detail={<Trans>Messages go to {names(b.users)}</Trans>}>
            <Button variant="default" data-open onClick={() => setEdited(b)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(b.id)} />
          </Row>
        )}
      />
      {edited && <BoxForm box={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function BoxForm({ box, onClose }: { box: Box; onClose: () => void }) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const prompts = usePrompts()?.items ?? [];
  const { id: _, ...rest } = box;
  const [values, setValues] = useState(rest as BoxInput);
  const set = (change: Partial<BoxInput>) => setValues((v) => ({ ...v, ...change }));
  return (
    <NamedForm
      of={box}
      add={<Trans>Add a voicemail box</Trans>}
      name={values.name}
      onName={(name) => set({ name })}
      make={() => ok(api.POST("/api/v1/voicemail-boxes", { body: values }))}
      change={(path) => ok(api.PUT("/api/v1/voicemail-boxes/{id}", { params: { path }, body: values }))}
      keys={[key, ["prompts"]]}
      onClose={onClose}
    >
      <MultiSelect
        label={t`Messages go to`}
        required
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        value={values.users}
        onChange={(list) => set({ users: list, keeper: list.includes(values.keeper ?? "") ? values.keeper : "" })}
      />
      {values.users.length > 1 && (
        <Select
          label={t`Who may record the greeting by phone (*98)`}
          data={[
            { value: "", label: t`Nobody: it is chosen here` },
            ...users.filter((u) => values.users.includes(u.id)).map((u) => ({ value: u.id, label: u.name })),
          ]}
          value={values.keeper ?? ""}
          onChange={(keeper) => set({ keeper: keeper ?? "" })}
        />
      )}
      <Select
        label={t`Greeting`}
        data={[
          { value: "", label: t`The one that comes with the program` },
          ...prompts.map((p) => ({ value: p.id, label: p.name })),
        ]}
        value={values.greeting ?? ""}
        onChange={(greeting) => set({ greeting: greeting ?? "" })}
      />
      <Select
        label={t`Language`}
        allowDeselect={false}
        data={languages}
        value={values.language}
        onChange={(v) => v && set({ language: v as BoxInput["language"] })}
      />
      <NumberInput
        label={t`Longest message, seconds`}
        min={10}
        max={600}
        value={values.seconds || 180}
        onChange={(v) => set({ seconds: Number(v) })}
      />
    </NamedForm>
  );
}
