import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group as Line, SegmentedControl, Select, TagsInput, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { FieldInput } from "~/features/fields/FieldInput";
import { type Field, nameOf } from "~/features/fields/fields";
import classes from "./ConditionTree.module.css";
import { type Group, group, isGroup, type Join, type Leaf, leaf, type Node } from "./conditions";
import { conditionOps, opsFor } from "./fields";

type Props = { of: Group; fields: Field[]; onChange: (of: Group) => void };

/** Conditions in groups of groups, as deep as anybody wants. */
export function ConditionTree({ of, fields, onChange }: Props) {
  return (
    <>
      {of.of.length === 0 && (
        <Text c="dimmed" size="sm">
          <Trans>Always. Add a condition to narrow it.</Trans>
        </Text>
      )}
      <GroupEdit of={of} fields={fields} onChange={onChange} />
    </>
  );
}

type GroupProps = Props & { onRemove?: () => void };

function GroupEdit({ of, fields, onChange, onRemove }: GroupProps) {
  const { t } = useLingui();
  const set = (list: Node[]) => onChange({ ...of, of: list });
  const swap = (n: Node, next: Node) => set(of.of.map((x) => (x.key === n.key ? next : x)));
  const remove = (n: Node) => set(of.of.filter((x) => x.key !== n.key));
  const first = fields[0]!;
  return (
    <div className={classes.group} role="group" aria-label={t`Conditions`}>
      {(onRemove || of.of.length > 1 || of.join !== "all") && (
        <div className={classes.head}>
          <SegmentedControl
            size="xs"
            aria-label={t`How they belong together`}
            value={of.join}
            onChange={(join) => onChange({ ...of, join: join as Join })}
            data={[
              { value: "all", label: t`All of these` },
              { value: "any", label: t`Any of these` },
              { value: "none", label: t`None of these` },
            ]}
          />
          {onRemove && (
            <ActionIcon aria-label={t`Remove the group`} onClick={onRemove}>
              <IconX className={classes.icon} />
            </ActionIcon>
          )}
        </div>
      )}
      {of.of.map((n) =>
        isGroup(n) ? (
          <GroupEdit key={n.key} of={n} fields={fields} onChange={(next) => swap(n, next)} onRemove={() => remove(n)} />
        ) : (
          <LeafEdit key={n.key} of={n} fields={fields} onChange={(next) => swap(n, next)} onRemove={() => remove(n)} />
        ),
      )}
      <Line gap="xs">
        <Button
          variant="default"
          size="xs"
          onClick={() => set([...of.of, leaf(first.id, Object.keys(opsFor(first))[0]!)])}
        >
          <Trans>Add a condition</Trans>
        </Button>
        <Button
          variant="subtle"
          size="xs"
          onClick={() =>
            set([...of.of, group(of.join === "any" ? "all" : "any", [leaf(first.id, Object.keys(opsFor(first))[0]!)])])
          }
        >
          <Trans>Add a group</Trans>
        </Button>
      </Line>
    </div>
  );
}

type LeafProps = { of: Leaf; fields: Field[]; onChange: (of: Leaf) => void; onRemove: () => void };

function LeafEdit({ of, fields, onChange, onRemove }: LeafProps) {
  const { t, i18n } = useLingui();
  const field = fields.find((f) => f.id === of.field);
  const choose = (id: string | null) => {
    const f = fields.find((x) => x.id === id);
    if (f) onChange({ ...of, field: f.id, op: Object.keys(opsFor(f))[0]!, values: [] });
  };
  const ops = field ? opsFor(field) : conditionOps;
  return (
    <div className={classes.leaf}>
      <Select
        size="xs"
        aria-label={t`Field`}
        searchable
        openOnFocus={false}
        allowDeselect={false}
        data={fields.map((f) => ({ value: f.id, label: nameOf(f) }))}
        value={of.field}
        onChange={choose}
      />
      <Select
        size="xs"
        aria-label={t`Comparison`}
        allowDeselect={false}
        data={Object.entries(ops).map(([value, word]) => ({ value, label: i18n._(word) }))}
        value={of.op}
        onChange={(op) => onChange({ ...of, op: op ?? "is" })}
      />
      {of.op === "empty" || of.op === "filled" ? (
        <span />
      ) : (
        <Values of={of} field={field} onChange={(values) => onChange({ ...of, values })} />
      )}
      <ActionIcon aria-label={t`Remove`} onClick={onRemove}>
        <IconX className={classes.icon} />
      </ActionIcon>
    </div>
  );
}

type ValuesProps = { of: Leaf; field: Field | undefined; onChange: (values: string[]) => void };

function Values({ of, field, onChange }: ValuesProps) {
  const { t } = useLingui();
  if (of.op === "between") {
    const [from = "", to = ""] = of.values;
    return (
      <Line gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          type="time"
          aria-label={t`From`}
          value={from}
          onChange={(e) => onChange([e.currentTarget.value, to])}
        />
        <TextInput
          size="xs"
          type="time"
          aria-label={t`To`}
          value={to}
          onChange={(e) => onChange([from, e.currentTarget.value])}
        />
      </Line>
    );
  }
  if (!field || field.type === "text")
    return <TagsInput size="xs" aria-label={t`Values`} value={of.values} acceptValueOnBlur onChange={onChange} />;
  const several = !(of.op === "from" || of.op === "to");
  const asked = field.type === "money" ? { ...field, type: "number" as const } : field;
  if (asked.type === "user" && several)
    return <FieldInput key={field.id} field={asked} values={of.values} onChange={onChange} label={t`Values`} />;
  return (
    <FieldInput
      key={field.id}
      field={asked}
      several={several}
      values={of.values}
      onChange={onChange}
      label={t`Values`}
    />
  );
}
