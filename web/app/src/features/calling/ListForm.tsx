import { Trans, useLingui } from "@lingui/react/macro";
import { MultiSelect, NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Kind, ok } from "~/api";
import { client, useMe, useUsers } from "~/api/queries";
import { FormDialog } from "~/parts/FormDialog";
import { type CallingList, listsKey, useDepartments } from "./queries";

export type Draft = Pick<CallingList, "name" | "kind" | "users" | "departments" | "tries" | "minutes" | "paused"> & {
  id?: string;
};

export const fresh = (kind: Kind, me: string): Draft => ({
  name: "",
  kind: kind as Draft["kind"],
  users: [me],
  departments: [],
  tries: 3,
  minutes: 120,
  paused: false,
});

/** Keeps a calling list, new or changed. */
export async function keep({
  id,
  name,
  kind,
  users,
  departments,
  tries,
  minutes,
  paused,
}: Draft): Promise<CallingList> {
  const body = { name, kind, users, departments, tries, minutes, paused } as CallingList; // the rest is the server's to say
  const kept = id
    ? await ok(api.PUT("/api/v1/calling-lists/{id}", { params: { path: { id } }, body }))
    : await ok(api.POST("/api/v1/calling-lists", { body }));
  void client.invalidateQueries({ queryKey: listsKey });
  return kept;
}

type Props = { of: Draft; onClose: () => void; onKept?: (list: CallingList) => Promise<void> };

/** What a calling list is called, who works it, and how often a client is called in vain. */
export function ListForm({ of, onClose, onKept }: Props) {
  const { t } = useLingui();
  const [list, setList] = useState(of);
  const change = (what: Partial<Draft>) => setList((l) => ({ ...l, ...what }));
  const save = useMutation({
    mutationFn: async () => {
      const kept = await keep(list);
      setList((l) => ({ ...l, id: kept.id })); // what follows may be tried again
      await onKept?.(kept);
    },
    onSuccess: onClose,
  });
  return (
    <FormDialog
      opened
      title={of.id ? <Trans>Calling list</Trans> : <Trans>New calling list</Trans>}
      onClose={onClose}
      onSave={() => save.mutate()}
      saving={save}
    >
      <Stack gap="sm">
        <TextInput
          label={t`Name`}
          required
          maxLength={100}
          data-autofocus
          value={list.name}
          onChange={(e) => change({ name: e.currentTarget.value })}
        />
        <Workers list={list} onChange={change} />
        <SimpleGrid cols={2}>
          <NumberInput
            label={t`Calls in vain`}
            description={t`Then a client is left`}
            min={1}
            max={20}
            value={list.tries}
            onChange={(v) => change({ tries: Number(v) || 1 })}
          />
          <NumberInput
            label={t`Minutes between them`}
            description={t`At the least`}
            min={1}
            max={10080}
            value={list.minutes}
            onChange={(v) => change({ minutes: Number(v) || 1 })}
          />
        </SimpleGrid>
        <Text size="xs" c="dimmed">
          <Trans>Everybody gets the clients that he may see; no client is with two at once.</Trans>
        </Text>
      </Stack>
    </FormDialog>
  );
}

function Workers({ list, onChange }: { list: Draft; onChange: (what: Partial<Draft>) => void }) {
  const { t } = useLingui();
  const me = useMe();
  const users = useUsers().filter((u) => u.active);
  const departments = useDepartments();
  const all = me?.role === "admin" || me?.access !== "own";
  const mine = users.filter((u) => all || u.id === me?.id || list.users?.includes(u.id));
  return (
    <>
      <MultiSelect
        label={t`Who calls`}
        searchable
        data={mine.map((u) => ({ value: u.id, label: u.name }))}
        value={list.users}
        onChange={(users) => onChange({ users })}
      />
      {all && departments.length > 0 && (
        <MultiSelect
          label={t`Departments that call`}
          searchable
          data={departments.map((d) => ({ value: d.id, label: d.name }))}
          value={list.departments}
          onChange={(departments) => onChange({ departments })}
        />
      )}
    </>
  );
}
