/** What conditions can be asked of: fields of a record, and of somebody who calls or writes. */
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Kind, ok } from "~/api";
import { usePipelines } from "~/api/queries";
import { sources, type Words, word } from "~/app/words";
import { useAskable } from "~/features/crm/asking";
import type { Field } from "~/features/fields/fields";

export const conditionOps: Words = {
  is: msg({ message: "is", context: "filter" }),
  not: msg({ message: "is not", context: "filter" }),
  starts: msg({ message: "starts with", context: "filter" }),
  contains: msg`contains`,
  from: msg({ message: "from", context: "filter" }),
  to: msg({ message: "up to", context: "filter" }),
  empty: msg({ message: "is empty", context: "filter" }),
  filled: msg({ message: "is filled in", context: "filter" }),
  between: msg`between`,
};

const pick = (...ops: string[]): Words => Object.fromEntries(ops.map((op) => [op, conditionOps[op]!]));

/** How a field may be compared, the usual way first. */
export function opsFor(f: Field): Words {
  if (f.id === "time") return pick("between");
  if (f.type === "number" || f.type === "money") return pick("from", "to", "is", "not", "empty", "filled");
  if (f.type === "date") return pick("from", "to", "is", "not", "empty", "filled");
  if (f.type === "text") return pick("is", "not", "starts", "contains", "empty", "filled");
  return pick("is", "not", "empty", "filled");
}

export const languages: Words = { en: msg`English`, ro: msg`Romanian`, ru: msg`Russian` };

export const weekdays: Words = {
  mon: msg`Monday`,
  tue: msg`Tuesday`,
  wed: msg`Wednesday`,
  thu: msg`Thursday`,
  fri: msg`Friday`,
  sat: msg`Saturday`,
  sun: msg`Sunday`,
};

const choices = (of: Words) => Object.keys(of).map((id) => ({ id, name: word(of, id) }));

const made =
  (kind: Kind) =>
  (id: string, name: string, type: Field["type"], list: Field["choices"] = []): Field => ({
    id,
    name,
    type,
    choices: list,
    kinds: [kind],
    built_in: true,
  });

export const useDepartments = () =>
  useQuery({ queryKey: ["departments"], queryFn: async () => (await ok(api.GET("/api/v1/departments"))).items }).data ??
  [];

/** All that conditions on a kind of record can be asked of. */
export function useConditionFields(kind: Kind): Field[] {
  const { t, i18n } = useLingui();
  const askable = useAskable(kind);
  const departments = useDepartments();
  const pipelines = usePipelines();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  return useMemo(() => {
    const field = made(kind);
    const more = [
      field("name", kind === "deal" || kind === "lead" ? t`Title` : t({ message: "Name", context: "thing" }), "text"),
      field("department", t`Department of who is responsible`, "choice", departments),
      field("country", t`Country`, "text"),
      field("language", t`Language`, "choice", choices(languages)),
      field("last_contact", t`Days since the last contact`, "number"),
      field("open_tasks", t`Open tasks`, "number"),
      field("open_deals", t`Other open deals of the client`, "number"),
      field("comment", t`Comment`, "text"),
      field("weekday", t`Day of the week`, "choice", choices(weekdays)),
      field("time", t`Time of day`, "text"),
    ];
    if (kind === "deal") {
      more.push(field("currency", t`Currency`, "text"));
      if (pipelines.length > 1) more.push(field("pipeline", t`Pipeline`, "choice", pipelines));
    }
    if (kind === "lead") more.push(field("line", t`Number or mailbox reached`, "text"));
    return [...askable, ...more];
  }, [kind, askable, departments, pipelines, t, i18n.locale]);
}

/** What rules for new clients can be asked of: a call or mail of somebody unknown. */
export function useArrivalFields(): Field[] {
  const { t, i18n } = useLingui();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  return useMemo(() => {
    const field = made("lead");
    return [
      field("line", t`Number or mailbox reached`, "text"),
      field("source", t`Came by`, "choice", choices(sources).slice(0, 3)),
      field("address", t`Number or address of the client`, "text"),
      field("name", t({ message: "Name", context: "thing" }), "text"),
      field("subject", t`Subject`, "text"),
      field("country", t`Country`, "text"),
      field("language", t`Language`, "choice", choices(languages)),
      field("weekday", t`Day of the week`, "choice", choices(weekdays)),
      field("time", t`Time of day`, "text"),
    ];
  }, [t, i18n.locale]);
}
