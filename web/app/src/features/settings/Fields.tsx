import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { api, type Kind, ok } from "~/api";
import { offer } from "~/app/notify";
import { kinds, word } from "~/app/words";
import { type Field, type FieldType, fieldsKey, nameOf, optionsOf, readFields, types } from "~/features/fields/fields";
import { NamedForm } from "./NamedForm";
import { swapped } from "./Pipelines";
import { Row, Rows, Section, useDo } from "./parts";
import classes from "./Settings.module.css";

const order: Kind[] = ["lead", "deal", "contact", "company"];
const fresh: Field = { id: "", name: "", type: "text", kinds: ["contact"], choices: [], built_in: false };
type Drafted = Field["choices"] extends (infer O)[] | undefined ? O & { key: number } : never;

const keep = (f: Field) => api.PUT("/api/v1/fields/{id}", { params: { path: { id: f.id } }, body: f });

/** The fields that the company adds to its records. */
export function Fields() {
  const [edited, setEdited] = useState<Field>();
  const move = useDo((ids: string[]) => ok(api.POST("/api/v1/fields/order", { body: { ids } })), [fieldsKey]);
  const restore = useDo((f: Field) => ok(keep(f)), [fieldsKey]);
  const remove = useDo(
    async (f: Field) => {
      await ok(api.DELETE("/api/v1/fields/{id}", { params: { path: { id: f.id } } }));
      return f;
    },
    [fieldsKey],
    (f) => offer(msg`Field removed`, () => restore.mutate(f)),
  );
  const [all, setAll] = useState<Field[]>([]);
  const read = async () => {
    const list = await readFields();
    setAll(list);
    return list;
  };
  return (
    <Section
      title={<Trans>Fields</Trans>}
      about={
        <Trans>What else you want to know of leads, deals, contacts and companies. Cards and lists show it.</Trans>
      }
      action={
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a field</Trans>
        </Button>
      }
    >
      <Rows<Field>
        queryKey={fieldsKey}
        read={read}
        none={<Trans>No field yet.</Trans>}
        row={(f, at) => (
          <FieldRow
            key={f.id}
            field={f}
            first={at === 0}
            last={at === all.length - 1}
            onMove={(by) => move.mutate(swapped(all, at, at + by).map((x) => x.id))}
            onEdit={() => setEdited(f)}
            onRemove={() => remove.mutate(f)}
          />
        )}
      />
      {edited && <FieldForm field={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

type FieldRowProps = {
  field: Field;
  first: boolean;
  last: boolean;
  onMove: (by: number) => void;
  onEdit: () => void;
  onRemove: () => void;
};

function FieldRow({ field: f, first, last, onMove, onEdit, onRemove }: FieldRowProps) {
  const { t, i18n } = useLingui();
  const detail = [i18n._(types[f.type]), f.kinds.map((k) => word(kinds, k)).join(", ")].join(" · ");
  const title = (
    <>
      {nameOf(f)}{" "}
      {f.built_in && (
        <Badge color="gray" variant="light">
          <Trans>Built in</Trans>
        </Badge>
      )}
    </>
  );
  return (
    <Row title={title} detail={detail}>
      <Group gap="xs" wrap="nowrap">
        <ActionIcon aria-label={t`Up: ${f.name}`} disabled={first} onClick={() => onMove(-1)}>
          <IconArrowUp className={classes.icon} />
        </ActionIcon>
        <ActionIcon aria-label={t`Down: ${f.name}`} disabled={last} onClick={() => onMove(1)}>
          <IconArrowDown className={classes.icon} />
        </ActionIcon>
        <ActionIcon aria-label={t`Remove ${f.name}`} onClick={onRemove}>
          <IconX className={classes.icon} />
        </ActionIcon>
        <Button variant="default" data-open onClick={onEdit}>
          <Trans>Edit</Trans>
        </Button>
      </Group>
    </Row>
  );
}

function FieldForm({ field, onClose }: { field: Field; onClose: () => void }) {
  const { i18n } = useLingui();
  const [name, setName] = useState(field.id ? nameOf(field) : "");
  const [type, setType] = useState<FieldType>(field.type);
  const [of, setOf] = useState<Kind[]>(field.kinds as Kind[]);
  const [choices, setChoices] = useState<Drafted[]>(() =>
    optionsOf(field).map((o, key) => ({ id: o.value, name: o.label, key })),
  );
  const chosen = type === "choice" || type === "choices";
  const body: Field = {
    ...field,
    name: field.id && name === nameOf(field) ? field.name : name,
    type,
    kinds: of,
    choices: chosen ? choices.filter((c) => c.name.trim()).map((c) => kept(field, c)) : [],
  };
  return (
    <NamedForm
      of={{ id: field.id, name: field.id && nameOf(field) }}
      add={<Trans>Add a field</Trans>}
      name={name}
      onName={setName}
      make={() => ok(api.POST("/api/v1/fields", { body }))}
      change={() => ok(keep(body))}
      keys={[fieldsKey]}
      onClose={onClose}
    >
      <Select
        label={<Trans>Kind of value</Trans>}
        disabled={!!field.id}
        allowDeselect={false}
        data={Object.entries(types).map(([value, w]) => ({ value, label: i18n._(w) }))}
        value={type}
        onChange={(v) => setType(v as FieldType)}
      />
      {chosen && <Choices all={choices} onChange={setChoices} />}
      <Checkbox.Group label={<Trans>Who has it</Trans>} value={of} onChange={(v) => setOf(v as Kind[])}>
        <Group mt="xs">
          {order.map((k) => (
            <Checkbox key={k} value={k} label={word(kinds, k)} />
          ))}
        </Group>
      </Checkbox.Group>
    </NamedForm>
  );
}

/** A choice as the server keeps it: what nobody renamed keeps the name that every language has a word for. */
function kept(field: Field, { id, name }: Drafted) {
  const shown = optionsOf(field).find((o) => o.value === id)?.label;
  const was = field.choices?.find((c) => c.id === id)?.name;
  return { id: id || undefined, name: was && name === shown ? was : name };
}

function Choices({ all, onChange }: { all: Drafted[]; onChange: (all: Drafted[]) => void }) {
  const { t } = useLingui();
  return (
    <Stack gap="xs">
      <Text fw={500} size="sm">
        <Trans>Choices</Trans>
      </Text>
      {all.map((c, i) => (
        <Group key={c.key} gap="xs" wrap="nowrap">
          <TextInput
            size="xs"
            flex={1}
            aria-label={t`Choice`}
            value={c.name}
            onChange={(e) => onChange(all.map((x) => (x === c ? { ...c, name: e.currentTarget.value } : x)))}
          />
          <ActionIcon aria-label={t`Up`} disabled={i === 0} onClick={() => onChange(swapped(all, i, i - 1))}>
            <IconArrowUp className={classes.icon} />
          </ActionIcon>
          <ActionIcon aria-label={t`Remove`} onClick={() => onChange(all.filter((x) => x !== c))}>
            <IconX className={classes.icon} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button variant="default" onClick={() => onChange([...all, { name: "", key: Date.now() }])}>
          <Trans>Add a choice</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
