import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, MultiSelect, NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { type HuntGroup, huntGroupsKey, useUsers } from "~/api/queries";
import { word } from "~/app/words";
import { type Destination, DestinationFields } from "./Destination";
import { NamedForm } from "./NamedForm";
import { strategies } from "./strings";

/** A hunt group to be made or changed. */
export function HuntGroupForm({ group, onClose }: { group: HuntGroup; onClose: () => void }) {
  const { t } = useLingui();
  const [g, setGroup] = useState(group);
  const set = (change: Partial<HuntGroup>) => setGroup((v) => ({ ...v, ...change }));
  const users = useUsers().filter((u) => u.active || g.members.includes(u.id));
  const { name, strategy, members, seconds, otherwise } = g;
  const body = { name, strategy, members, seconds, otherwise: otherwise as Destination | undefined };
  return (
    <NamedForm
      of={group}
      add={<Trans>Add a hunt group</Trans>}
      name={name}
      onName={(name) => set({ name })}
      make={() => ok(api.POST("/api/v1/hunt-groups", { body }))}
      change={(path) => ok(api.PUT("/api/v1/hunt-groups/{id}", { params: { path }, body }))}
      keys={[huntGroupsKey]}
      onClose={onClose}
    >
      <Select
        label={t`Rings`}
        allowDeselect={false}
        data={Object.keys(strategies).map((value) => ({ value, label: word(strategies, value) }))}
        value={strategy}
        onChange={(v) => v && set({ strategy: v as HuntGroup["strategy"] })}
      />
      <MultiSelect
        label={t`Colleagues`}
        description={t`Who is in a call or not there is passed over`}
        searchable
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        value={members}
        onChange={(list) => set({ members: list })}
      />
      <NumberInput
        label={strategy === "together" ? t`Seconds they ring` : t`Seconds each rings`}
        min={5}
        max={120}
        value={seconds}
        onChange={(v) => set({ seconds: Number(v) })}
      />
      <Switch
        label={t`If nobody answers, lead the call elsewhere`}
        checked={otherwise !== undefined}
        onChange={(e) => set({ otherwise: e.currentTarget.checked ? elsewhere : undefined })}
      />
      {otherwise && (
        <Fieldset legend={t`If nobody answers`}>
          <Stack gap="md">
            <DestinationFields
              value={otherwise as Destination}
              onChange={(change) => set({ otherwise: { ...otherwise, ...change } as HuntGroup["otherwise"] })}
              withResponsible
              withoutGroup={group.id}
              onward
            />
          </Stack>
        </Fieldset>
      )}
    </NamedForm>
  );
}

const elsewhere: NonNullable<HuntGroup["otherwise"]> = { kind: "user", responsible: false, seconds: 25 };
