import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { CardView, Kind } from "~/api";
import type { Field } from "~/features/fields/fields";

/** Something in which records differ, and whose value may stand. */
export type Choice = {
  name: string;
  label?: MessageDescriptor;
  field?: Field;
  usual: string;
  options: { id: string; value: string; values: string[] }[];
};

const labels: Record<string, MessageDescriptor> = {
  name: msg`Name`,
  title: msg`Title`,
  position: msg`Position`,
  company: msg`Company`,
  company_name: msg`Company`,
  website: msg`Website`,
  source: msg`Came by`,
  stage: msg`Stage`,
  responsible: msg`Responsible`,
  comment: msg`Comment`,
};

const names: Record<string, string[]> = {
  contact: ["name", "position", "company", "responsible", "comment"],
  company: ["name", "website", "responsible", "comment"],
  lead: ["title", "name", "company_name", "source", "stage", "responsible", "comment"],
};

/** The oldest first: it stands, unless one says otherwise. */
export const oldestFirst = (views: CardView[]): CardView[] =>
  [...views].sort((a, b) => a.since.localeCompare(b.since) || a.ref.id.localeCompare(b.ref.id));

type Values = Record<string, string[] | undefined>;

/** In what several records differ; usual is whose value stands when nobody chooses: of the one that stands or, where it has none, of the oldest that has. */
export function rowsOf(views: CardView[], into: string, kind: Kind, fields: Field[]): Choice[] {
  const order = [...views].sort((a, b) => Number(b.ref.id === into) - Number(a.ref.id === into));
  const record = (v: CardView) => (v[kind] ?? {}) as Record<string, unknown>;
  const choice = (name: string, of: (v: CardView) => { value: string; values: string[] }): Choice => {
    const options = order.map((v) => ({ id: v.ref.id, ...of(v) }));
    return { name, options: distinct(options), usual: (options.find((o) => o.value) ?? options[0])!.id };
  };
  const rows = names[kind]!.map((name) => ({
    ...choice(name, (v) => {
      const shown = kind === "contact" && name === "company" ? "company_name" : name;
      const value = String(record(v)[shown] ?? "");
      return { value, values: [value] };
    }),
    label: labels[name],
  }));
  const own = fields
    .filter((f) => f.id !== "tags")
    .map((field) => ({
      ...choice(`field:${field.id}`, (v) => {
        const values = (record(v).fields as Values | undefined)?.[field.id] ?? [];
        return { value: values.join("\n"), values };
      }),
      field,
    }));
  return [...rows, ...own].filter((r) => r.options.length > 1);
}

function distinct(options: Choice["options"]): Choice["options"] {
  return options.filter((o, i) => options.findIndex((x) => x.value === o.value) === i);
}

/** What is asked of the server: only of those that are merged. */
export function asked(stand: Record<string, string>, ids: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(stand).filter(([, id]) => ids.includes(id)));
}
