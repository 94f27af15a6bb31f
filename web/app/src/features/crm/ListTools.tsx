import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, CloseButton, Group, Menu, Popover, Select, Stack } from "@mantine/core";
import { IconColumns3, IconFileExport, IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import type { Kind, Plural } from "~/api";
import type { Asked, ListOrder, ListSearch } from "~/app/router";
import { FieldInput } from "~/features/fields/FieldInput";
import { type Field, nameOf } from "~/features/fields/fields";
import { ops, opsOf, useAskable, useConditionText } from "./asking";
import classes from "./ListTools.module.css";
import type { ListFilter } from "./queries";
import { Views } from "./Views";

type Props = {
  list: Plural;
  kind: Kind;
  filter: ListFilter;
  search: ListSearch;
  onChange: (change: Partial<ListSearch>) => void;
  /** All columns that there are, those shown first and in order. */
  columns: { id: string; title: string }[];
  shown: string[];
};

/** What a list shows, in which order, with which columns: above the list. */
export function ListTools({ list, kind, filter, search, onChange, columns, shown }: Props) {
  const { t } = useLingui();
  const fields = useAskable(kind);
  const say = useConditionText(fields);
  const where = search.where ?? [];
  const set = (next: Asked[]) => onChange({ where: next.length ? next : undefined });
  const orders: { value: ListOrder; label: string }[] = [
    { value: "newest", label: t`Newest first` },
    { value: "updated", label: t`Changed last` },
    { value: "name", label: t`By name` },
    ...(kind === "deal" ? [{ value: "amount" as const, label: t`Largest amount` }] : []),
  ];
  return (
    <div className={classes.tools} role="toolbar" aria-label={t`List`}>
      <Views list={list} kind={kind} search={search} onChange={onChange} />
      <AddCondition fields={fields} onAdd={(c) => set([...where, c])} />
      {where.map((c, i) => (
        <span key={`${c.field}${c.op}${c.values?.join()}`} className={classes.chip}>
          {say(c)}
          <CloseButton
            size="xs"
            aria-label={t`Remove: ${say(c)}`}
            onClick={() => set(where.filter((_, at) => at !== i))}
          />
        </span>
      ))}
      <Group gap="xs" ml="auto" wrap="nowrap">
        <Select
          size="xs"
          aria-label={t`Order`}
          className={classes.order}
          allowDeselect={false}
          data={orders}
          value={search.order ?? "newest"}
          onChange={(v) => onChange({ order: v === "newest" ? undefined : (v as ListOrder) })}
        />
        <Columns columns={columns} shown={shown} onChange={(ids) => onChange({ columns: ids })} />
        <Export kind={kind} filter={filter} />
      </Group>
    </div>
  );
}

/** All that the list shows as a file: the browser tells how far it is. */
function Export({ kind, filter }: { kind: Kind; filter: ListFilter }) {
  const { t } = useLingui();
  const file = (format: string) => {
    const asked = Object.entries({ ...filter, format }).filter(([, v]) => v !== undefined && v !== "");
    return `/api/v1/exports/${kind}?${new URLSearchParams(asked as [string, string][])}`;
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t`Export`}>
          <IconFileExport className={classes.icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={file("xlsx")} download>
          <Trans>All of this list as Excel</Trans>
        </Menu.Item>
        <Menu.Item component="a" href={file("csv")} download>
          <Trans>All of this list as CSV</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function AddCondition({ fields, onAdd }: { fields: Field[]; onAdd: (c: Asked) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus width="var(--fd-people)">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconFilter className={classes.icon} />}
          aria-expanded={open}
          onClick={() => setOpen((o) => !o)}
        >
          <Trans>Filter</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Condition
          fields={fields}
          onAdd={(c) => {
            setOpen(false);
            onAdd(c);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Condition({ fields, onAdd }: { fields: Field[]; onAdd: (c: Asked) => void }) {
  const { t, i18n } = useLingui();
  const [id, setID] = useState(fields[0]?.id ?? "");
  const field = fields.find((f) => f.id === id);
  const [op, setOp] = useState(field ? opsOf(field)[0]! : "is");
  const [values, setValues] = useState<string[]>([]);
  if (!field) return null;
  const choose = (next: string | null) => {
    const f = fields.find((x) => x.id === next);
    if (!f) return;
    setID(f.id);
    setOp(opsOf(f)[0]!);
    setValues([]);
  };
  const asks = op !== "empty" && op !== "filled";
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        aria-label={t`Field`}
        data-autofocus
        searchable
        openOnFocus={false}
        comboboxProps={{ withinPortal: false }}
        data={fields.map((f) => ({ value: f.id, label: nameOf(f) }))}
        value={id}
        onChange={choose}
      />
      <Select
        size="xs"
        aria-label={t`Comparison`}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        data={opsOf(field).map((value) => ({ value, label: i18n._(ops[value]!) }))}
        value={op}
        onChange={(v) => setOp(v ?? "is")}
      />
      {asks && (
        <FieldInput key={id} field={field} several label={t`Values`} values={values} onChange={setValues} inside />
      )}
      <Button disabled={asks && !values.length} onClick={() => onAdd({ field: id, op, ...(asks && { values }) })}>
        <Trans>Add</Trans>
      </Button>
    </Stack>
  );
}

type ColumnsProps = { columns: { id: string; title: string }[]; shown: string[]; onChange: (ids: string[]) => void };

function Columns({ columns, shown, onChange }: ColumnsProps) {
  const { t } = useLingui();
  const toggle = (id: string) => onChange(shown.includes(id) ? shown.filter((x) => x !== id) : [...shown, id]);
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size="md" aria-label={t`Columns`}>
          <IconColumns3 className={classes.icon} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.columns}>
        <Stack gap="sm" role="group" aria-label={t`Columns`}>
          {columns.map((c) => (
            <Checkbox
              key={c.id}
              size="xs"
              label={c.title}
              checked={shown.includes(c.id)}
              disabled={c.id === "name"}
              onChange={() => toggle(c.id)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
