/** Rules as sentences. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api, type Kind, ok } from "~/api";
import { usePipelines, useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { leadStages, type Words, word } from "~/app/words";
import { type Field, nameOf, useFieldText } from "~/features/fields/fields";
import type { Condition } from "./conditions";
import { conditionOps, useConditionFields, useDepartments } from "./fields";

export type Rule = components["schemas"]["Routine"];
export type Effect = components["schemas"]["Effect"];
export type Trigger = components["schemas"]["Trigger"];
export type Whom = components["schemas"]["Whom"];

export const rulesKey = ["automation"];
export const readRules = async () => (await ok(api.GET("/api/v1/automation/rules"))).items;

export const triggers: Words = {
  made: msg`is new`,
  entered: msg`comes to a stage`,
  left: msg`leaves a stage`,
  changed: msg`is changed`,
};

export const effects: Words = {
  task: msg`Create a task`,
  assign: msg`Make somebody responsible`,
  set: msg`Fill in a field`,
  move: msg`Move to a stage`,
  tag: msg`Add tags`,
  notify: msg`Tell somebody`,
  webhook: msg`Tell a webhook`,
  list: msg`Put on a calling list`,
};

export const whoms: Words = {
  responsible: msg`whoever is responsible`,
  user: msg`a colleague`,
  next_available: msg`the next available of a department`,
  least_busy: msg`the least busy of a department`,
  department: msg`all of a department`,
  admin: msg`an administrator`,
};

/** What a rule can be about, as a sentence begins. */
export const subjects: Words = {
  deal: msg`When a deal`,
  lead: msg`When a lead`,
  contact: msg`When a contact`,
  company: msg`When a company`,
};

/** What of a record may change, besides the company's own fields. */
export const traits: Words = {
  responsible: msg`Responsible`,
  name: msg`Name`,
  title: msg`Title`,
  amount: msg`Amount`,
  contact: msg`Contact`,
  company: msg`Company`,
  comment: msg`Comment`,
  points: msg`Numbers and addresses`,
  position: msg`Position`,
  website: msg`Website`,
};

export const traitsOf: Record<Kind, string[]> = {
  deal: ["responsible", "title", "amount", "contact", "company", "comment"],
  lead: ["responsible", "title", "name", "company", "points", "comment"],
  contact: ["responsible", "name", "position", "company", "points", "comment"],
  company: ["responsible", "name", "website", "points", "comment"],
};

const none: never[] = [];

/** The stages of deals or leads, by their ids. */
export function useStages(kind: Kind): { value: string; label: string }[] {
  const pipelines = usePipelines();
  if (kind === "lead") return Object.keys(leadStages).map((value) => ({ value, label: word(leadStages, value) }));
  const several = pipelines.length > 1;
  return pipelines.flatMap((p) =>
    p.stages.map((s) => ({ value: s.id, label: several ? `${p.name}: ${s.name}` : s.name })),
  );
}

export const useWebhooks = () =>
  useQuery({ queryKey: ["webhooks"], queryFn: async () => (await ok(api.GET("/api/v1/webhooks"))).items }).data ?? none;

export const useCallingLists = () =>
  useQuery({ queryKey: ["calling-lists"], queryFn: async () => (await ok(api.GET("/api/v1/calling-lists"))).items })
    .data ?? none;

/** Says a condition in words; "" for none. */
export function useConditionWords(fields: Field[]): (c: Condition) => string {
  const { t } = useLingui();
  const text = useFieldText();
  const say = (c: Condition): string => {
    const list = c.all ?? c.any;
    if (list?.length) {
      const parts = list.map((x) => (x.all || x.any ? `(${say(x)})` : say(x)));
      return parts.join(c.all ? ` ${t`and`} ` : ` ${t`or`} `);
    }
    if (c.not) return `${t`not`} (${say(c.not)})`;
    if (!c.field) return "";
    const f = fields.find((x) => x.id === c.field);
    const values =
      c.op === "between" || !f ? (c.values ?? []).join("–") : (c.values ?? []).map((v) => read(f, v)).join(", ");
    return [f ? nameOf(f) : c.field, word(conditionOps, c.op ?? ""), values].filter(Boolean).join(" ");
  };
  const read = (f: Field, v: string) =>
    f.type === "text" || /^[+-]\d+$/.test(v) ? v : text(f.type === "money" ? { ...f, type: "number" } : f, [v]);
  return say;
}

/** Says rules in words: what sets them off, and what they do. */
export function useRuleWords(kind: Kind) {
  const { t } = useLingui();
  const stages = useStages(kind);
  const fields = useConditionFields(kind);
  const users = useUsers();
  const departments = useDepartments();
  const hooks = useWebhooks();
  const lists = useCallingLists();
  const condition = useConditionWords(fields);
  const stage = (id: string | undefined) => stages.find((s) => s.value === id)?.label ?? "?";
  const whom = (w: Whom | undefined) => {
    if (w?.who === "user") return users.find((u) => u.id === w.user)?.name ?? "?";
    const of = departments.find((d) => d.id === w?.department)?.name;
    return [word(whoms, w?.who ?? ""), of].filter(Boolean).join(": ");
  };
  const fieldName = (id: string) => {
    const f = fields.find((x) => x.id === id && !traits[id]);
    return f ? nameOf(f) : word(traits, id);
  };
  const trigger = ({ on }: Pick<Rule, "on">): string => {
    const start = word(subjects, kind);
    const some = (ids: string[] | null | undefined) => (ids ?? []).map(stage).join(", ");
    switch (on.what) {
      case "entered":
        return on.stages?.length ? t`${start} comes to ${some(on.stages)}` : t`${start} comes to another stage`;
      case "left":
        return on.stages?.length ? t`${start} leaves ${some(on.stages)}` : t`${start} leaves its stage`;
      case "changed": {
        const names = (on.fields ?? []).map(fieldName).join(", ");
        return names ? t`${start} gets another value in ${names}` : t`${start} is changed`;
      }
    }
    return t`${start} is new`;
  };
  const effect = (e: Effect): string => {
    const { title = "" } = e;
    const who = whom(e.to);
    switch (e.do) {
      case "assign":
        return t`make ${who} responsible`;
      case "set": {
        const f = fields.find((x) => x.id === e.field);
        const name = f ? nameOf(f) : "?";
        return e.values?.length
          ? `${name}: ${condition({ field: e.field, values: e.values }).replace(`${name} `, "")}`
          : t`empty ${name}`;
      }
      case "move": {
        const to = stage(e.stage);
        return t`move to ${to}`;
      }
      case "tag": {
        const tags = (e.values ?? []).join(", ");
        return t`add the tags ${tags}`;
      }
      case "task":
        return t`task “${title}” for ${who}`;
      case "notify":
        return t`tell ${who}: “${title}”`;
      case "webhook": {
        const hook = hooks.find((h) => h.id === e.webhook)?.name ?? "?";
        return t`tell the webhook ${hook}`;
      }
      case "list": {
        const list = lists.find((l) => l.id === e.list)?.name ?? "?";
        return t`put on the calling list ${list}`;
      }
    }
    return word(effects, e.do);
  };
  return { trigger, effect, condition, fieldName };
}
