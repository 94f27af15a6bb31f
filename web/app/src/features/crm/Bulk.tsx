import { msg } from "@lingui/core/macro";
import { Plural as Count, Trans, useLingui } from "@lingui/react/macro";
import { Button, Popover, Select, Stack, Text } from "@mantine/core";
import { IconArrowMerge } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { api, type Kind, ok } from "~/api";
import { refresh } from "~/api/records";
import type { components } from "~/api/schema";
import { complain, offer, say } from "~/app/notify";
import { AddToCallingList } from "~/features/calling/AddTo";
import { FieldInput } from "~/features/fields/FieldInput";
import { type Field, nameOf } from "~/features/fields/fields";
import { soon } from "~/parts/soon";
import { useAskable } from "./asking";
import classes from "./ListTools.module.css";

const Merge = soon(() => import("./Merge"));

const mostMerged = 10;

type Change = components["schemas"]["Change"];

/** Changes many records at once; the way back is offered. */
function useChangeMany(kind: Kind, onDone: () => void) {
  const undo = useMutation({
    mutationFn: (id: string) => ok(api.POST("/api/v1/changes/{id}/undo", { params: { path: { id } } })),
    onSuccess: () => refresh(kind),
    onError: complain,
  });
  return useMutation({
    mutationFn: ({ ids, change }: { ids: string[]; change: Change }) =>
      ok(api.POST("/api/v1/changes", { body: { kind, ids, change } })),
    onSuccess: ({ id, changed, refused, why }) => {
      refresh(kind);
      onDone();
      if (refused) say(msg`${refused} were not changed: ${why ?? ""}`);
      offer(msg`${changed} changed`, () => undo.mutate(id));
    },
    onError: complain,
  });
}

type Props = { kind: Kind; ids: string[]; onClear: () => void; onAll: () => void };

/** What can be done with the rows that are picked. */
export function Bulk({ kind, ids, onClear, onAll }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const [merging, setMerging] = useState(false);
  const change = useChangeMany(kind, onClear);
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t`Selection`}>
      <Text fw={500} size="sm">
        <Count value={ids.length} one="# selected" other="# selected" />
      </Text>
      <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus width="var(--fd-people)">
        <Popover.Target>
          <Button loading={change.isPending} aria-expanded={open} onClick={() => setOpen((o) => !o)}>
            <Trans>Change…</Trans>
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <ChangeForm
            kind={kind}
            onSave={(c) => {
              setOpen(false);
              change.mutate({ ids, change: c });
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {kind !== "deal" && ids.length > 1 && ids.length <= mostMerged && (
        <Button
          variant="default"
          leftSection={<IconArrowMerge className={classes.icon} />}
          onClick={() => setMerging(true)}
        >
          <Trans>Merge…</Trans>
        </Button>
      )}
      <Suspense>
        {merging && kind !== "deal" && (
          <Merge kind={kind} ids={ids} onClose={() => setMerging(false)} onDone={onClear} />
        )}
      </Suspense>
      {kind !== "deal" && <AddToCallingList kind={kind} ids={ids} onDone={onClear} />}
      <Button variant="subtle" color="gray" onClick={onAll}>
        <Trans>Select all shown</Trans>
      </Button>
      <Button variant="subtle" color="gray" onClick={onClear}>
        <Trans>Clear</Trans>
      </Button>
    </div>
  );
}

const fixed = ["created", "updated", "came_by", "amount", "moved"]; // no two records want the same

function ChangeForm({ kind, onSave }: { kind: Kind; onSave: (c: Change) => void }) {
  const { t } = useLingui();
  const askable = useAskable(kind).filter((f) => !fixed.includes(f.id));
  const fields = askable.flatMap((f) => (f.id === "tags" ? [f, { ...f, id: "-tags" }] : [f]));
  const [id, setID] = useState(fields[0]?.id ?? "");
  const [values, setValues] = useState<string[]>([]);
  const field = fields.find((f) => f.id === id);
  if (!field) return null;
  const label = (f: Field) => (f.id === "tags" ? t`Add tags` : f.id === "-tags" ? t`Remove tags` : nameOf(f));
  const needed = ["responsible", "stage", "tags", "-tags"].includes(id) && !values.length;
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        aria-label={t`Field`}
        data-autofocus
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        data={fields.map((f) => ({ value: f.id, label: label(f) }))}
        value={id}
        onChange={(v) => {
          setID(v ?? "");
          setValues([]);
        }}
      />
      <FieldInput key={id} field={field} label={t`Values`} values={values} onChange={setValues} inside />
      <Button disabled={needed} onClick={() => onSave(changeOf(field, values))}>
        {values.length || needed ? <Trans>Change</Trans> : <Trans>Empty it</Trans>}
      </Button>
    </Stack>
  );
}

/** The change that gives a field these values. */
export function changeOf(field: Pick<Field, "id">, values: string[]): Change {
  switch (field.id) {
    case "responsible":
      return { responsible: values[0] };
    case "stage":
      return { stage: values[0] };
    case "tags":
      return { add_tags: values };
    case "-tags":
      return { remove_tags: values };
  }
  return { fields: { [field.id]: values } };
}
