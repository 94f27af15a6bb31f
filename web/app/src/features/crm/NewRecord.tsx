import { Trans, useLingui } from "@lingui/react/macro";
import { Input, Select, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Kind, ok, plural, type Ref } from "~/api";
import { useMe, usePipelines } from "~/api/queries";
import { refresh } from "~/api/records";
import { cards } from "~/app/card";
import { FieldInput } from "~/features/fields/FieldInput";
import { nameOf, useFields, type Values } from "~/features/fields/fields";
import { useStore } from "~/live/store";
import { FormDialog } from "~/parts/FormDialog";
import { MoneyInput } from "~/parts/MoneyInput";
import { usual } from "~/parts/money";
import { UserSelect } from "~/parts/people";
import { KnownAs } from "./KnownAs";
import { type Draft, newStore } from "./new";
import { newTitles } from "./strings";

/** The dialog for a new lead, deal, contact or company; what comes out is shown as a card. */
export default function NewRecord() {
  const { kind, draft } = useStore(newStore, (s) => s);
  const close = () => newStore.set({ kind: undefined, draft: {} });
  return kind && <Form key={kind} kind={kind} draft={draft} onDone={close} />;
}

type Fields = Record<string, unknown>;

function Form({ kind, draft, onDone }: { kind: Kind; draft: Draft; onDone: () => void }) {
  const { i18n } = useLingui();
  const me = useMe();
  const [fields, setFields] = useState<Fields>({ ...draft, responsible: me?.id });
  const set = (change: Fields) => setFields((f) => ({ ...f, ...change }));
  const create = useMutation({
    mutationFn: () =>
      ok(api.POST(`/api/v1/${plural[kind]}`, { body: wire(fields) as never })) as Promise<{ id: string }>,
    onSuccess: ({ id }) => {
      refresh(kind);
      cards.show({ kind, id } as Ref);
      onDone();
    },
  });
  return (
    <FormDialog
      opened
      onClose={onDone}
      title={i18n._(newTitles[kind])}
      onSave={() => create.mutate()}
      saving={create}
      save={<Trans>Create</Trans>}
    >
      {kind === "deal" ? (
        <DealFields fields={fields} set={set} />
      ) : (
        <ClientFields kind={kind} fields={fields} set={set} />
      )}
      <OwnFields kind={kind} values={(fields.fields ?? {}) as Values} onChange={(f) => set({ fields: f })} />
      <UserSelect
        label={<Trans>Responsible</Trans>}
        value={String(fields.responsible ?? "")}
        onChange={(responsible) => set({ responsible })}
      />
    </FormDialog>
  );
}

/** What the company added, and where the client comes from. */
function OwnFields({ kind, values, onChange }: { kind: Kind; values: Values; onChange: (v: Values) => void }) {
  const asked = useFields(kind).filter(
    (f) => (!f.built_in && f.type !== "money") || f.id === "source" || f.id === "tags",
  );
  return asked.map((f) => (
    <Input.Wrapper key={f.id} label={nameOf(f)} labelElement="div">
      <FieldInput field={f} values={values[f.id] ?? []} onChange={(now) => onChange({ ...values, [f.id]: now })} />
    </Input.Wrapper>
  ));
}

type FieldsProps = { fields: Fields; set: (change: Fields) => void };

function ClientFields({ kind, fields, set }: FieldsProps & { kind: Kind }) {
  const first = (list: unknown) => (Array.isArray(list) ? String(list[0] ?? "") : "");
  return (
    <>
      <TextInput
        label={<Trans>Name</Trans>}
        required
        data-autofocus
        value={String(fields.name ?? "")}
        onChange={(e) => set({ name: e.currentTarget.value })}
      />
      {kind === "lead" && (
        <TextInput
          label={<Trans>Company</Trans>}
          value={String(fields.company_name ?? "")}
          onChange={(e) => set({ company_name: e.currentTarget.value })}
        />
      )}
      <TextInput
        label={<Trans>Phone</Trans>}
        type="tel"
        value={first(fields.phones)}
        onChange={(e) => set({ phones: [e.currentTarget.value] })}
      />
      <KnownAs kind="phone" text={first(fields.phones)} />
      <TextInput
        label={<Trans>Mail address</Trans>}
        type="email"
        value={first(fields.emails)}
        onChange={(e) => set({ emails: [e.currentTarget.value] })}
      />
      <KnownAs kind="email" text={first(fields.emails)} />
      {kind === "contact" && (
        <TextInput
          label={<Trans>Position</Trans>}
          value={String(fields.position ?? "")}
          onChange={(e) => set({ position: e.currentTarget.value })}
        />
      )}
      {kind === "company" && (
        <TextInput
          label={<Trans>Website</Trans>}
          value={String(fields.website ?? "")}
          onChange={(e) => set({ website: e.currentTarget.value })}
        />
      )}
    </>
  );
}

function DealFields({ fields, set }: FieldsProps) {
  const pipelines = usePipelines();
  return (
    <>
      <TextInput
        label={<Trans>Title</Trans>}
        required
        data-autofocus
        value={String(fields.title ?? "")}
        onChange={(e) => set({ title: e.currentTarget.value })}
      />
      <MoneyInput
        value={{ amount: Number(fields.amount ?? 0), currency: String(fields.currency ?? usual) }}
        onChange={set}
      />
      {pipelines.length > 1 && (
        <Select
          label={<Trans>Pipeline</Trans>}
          data={pipelines.map((p) => ({ value: p.id, label: p.name }))}
          value={String(fields.pipeline ?? pipelines[0]?.id)}
          onChange={(pipeline) => set({ pipeline })}
        />
      )}
    </>
  );
}

/** Leaves out what was not filled in. */
function wire(fields: Fields): Fields {
  const empty = (v: unknown) =>
    v === undefined || v === null || v === "" || (Array.isArray(v) && v.every((x) => x === ""));
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => !empty(v)));
}
