/** What lists can be asked for: fields of one's own, and what all records of a kind have. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import type { Kind } from "~/api";
import { usePipelines } from "~/api/queries";
import type { Asked } from "~/app/router";
import { leadStages, sources, type Words, word } from "~/app/words";
import { type Field, nameOf, useFields, useFieldText } from "~/features/fields/fields";

export const ops: Words = {
  is: msg({ message: "is", context: "filter" }),
  not: msg({ message: "is not", context: "filter" }),
  starts: msg({ message: "starts with", context: "filter" }),
  from: msg({ message: "from", context: "filter" }),
  to: msg({ message: "up to", context: "filter" }),
  empty: msg({ message: "is empty", context: "filter" }),
  filled: msg({ message: "is filled in", context: "filter" }),
};

/** What a field can be asked, the usual question first. */
export function opsOf(f: Field): string[] {
  const ranked = f.type === "number" || f.type === "money" || f.type === "date";
  if (f.built_in && ["created", "updated", "moved", "amount"].includes(f.id)) return ["from", "to"];
  if (ranked) return ["from", "to", "is", "empty", "filled"];
  if (f.type === "text") return ["is", "starts", "not", "empty", "filled"];
  return ["is", "not", "empty", "filled"];
}

const words = (of: Words, codes: string[]) => codes.map((id) => ({ id, name: word(of, id) }));

/** All that a kind of record can be asked for. */
export function useAskable(kind: Kind): Field[] {
  const { t, i18n } = useLingui();
  const own = useFields(kind);
  const pipelines = usePipelines();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  return useMemo(() => {
    const base = (id: string, name: string, type: Field["type"], choices: Field["choices"] = []): Field => ({
      id,
      name,
      type,
      choices,
      kinds: [kind],
      built_in: true,
    });
    const all = [
      base("responsible", t`Responsible`, "user"),
      base("created", t`Created`, "date"),
      base("updated", t`Changed`, "date"),
    ];
    if (kind === "lead")
      all.push(
        base("stage", t`Stage`, "choice", words(leadStages, Object.keys(leadStages))),
        base("came_by", t`Came by`, "choice", words(sources, Object.keys(sources))),
      );
    if (kind === "deal") {
      const several = pipelines.length > 1;
      const stages = pipelines.flatMap((p) =>
        p.stages.map((s) => ({ id: s.id, name: several ? `${p.name}: ${s.name}` : s.name })),
      );
      all.push(
        base("stage", t`Stage`, "choice", stages),
        base("amount", t`Amount`, "number"),
        base("moved", t`In its stage since`, "date"),
      );
    }
    return [...all, ...own];
  }, [kind, own, pipelines, t, i18n.locale]);
}

/** Says a condition in words. */
export function useConditionText(fields: Field[]): (c: Asked) => string {
  const { t, i18n } = useLingui();
  const text = useFieldText();
  return (c) => {
    const f = fields.find((x) => x.id === c.field);
    if (!f) return c.field;
    const values = c.values?.map((v) => (v === "me" ? t`me` : daysText(v) ? v : text(f, [v]))).join(", ");
    return [nameOf(f), ops[c.op] ? i18n._(ops[c.op]!) : c.op, values].filter(Boolean).join(" ");
  };
}

const daysText = (v: string) => /^[+-]\d+$/.test(v);
