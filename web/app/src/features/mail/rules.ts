/** What a mailbox does with the mail that comes: rules, and answers while its owner is away. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { stale } from "~/app/live";

type Schemas = components["schemas"];
export type Rule = Schemas["MailRule"];
export type Condition = Schemas["MailCondition"];
export type Action = Schemas["MailAction"];
export type Away = Omit<Schemas["MailAway"], "$schema">;
export type Op = "all" | "any" | "none";

/** A line of the screen: one question, or that it is not so. */
export type Line = { not: boolean; field: string; header: string; match: string; value: string };

export const useRules = (mailbox: string) =>
  useQuery({
    queryKey: ["mail-rules", mailbox],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/mailboxes/{id}/rules", { params: { path: { id: mailbox } } }))).rules,
  });

export async function saveRules(mailbox: string, rules: Rule[]): Promise<void> {
  await ok(api.PUT("/api/v1/mail/mailboxes/{id}/rules", { params: { path: { id: mailbox } }, body: { rules } }));
  stale("mail-rules");
}

export const useAway = (mailbox: string) =>
  useQuery({
    queryKey: ["mail-away", mailbox],
    queryFn: () => ok(api.GET("/api/v1/mail/mailboxes/{id}/away", { params: { path: { id: mailbox } } })),
    gcTime: 0,
  });

export async function saveAway(mailbox: string, away: Away): Promise<void> {
  const { on, from, until, days, texts } = away;
  const body = { on, from, until, days, texts: texts.filter((t) => t.text.trim()) };
  await ok(api.PUT("/api/v1/mail/mailboxes/{id}/away", { params: { path: { id: mailbox } }, body }));
  stale("mail-away");
}

export const freshLine: Line = { not: false, field: "from", header: "", match: "contains", value: "" };

/** The lines of a condition; undefined where it is deeper than a screen shows. */
export function linesOf(c: Condition): { op: Op; lines: Line[] } | undefined {
  if (c.op === "is") return { op: "all", lines: [line(c, false)] };
  const lines = (c.of ?? []).map((of) => {
    if (of.op === "is") return line(of, false);
    const [inner] = of.of ?? [];
    return of.op === "none" && of.of?.length === 1 && inner?.op === "is" ? line(inner, true) : undefined;
  });
  return lines.some((l) => !l) ? undefined : { op: c.op, lines: lines as Line[] };
}

const line = ({ field, header, match, value }: Condition, not: boolean): Line => ({
  not,
  field: field ?? "",
  header: header ?? "",
  match: match ?? "",
  value: value ?? "",
});

/** The condition of lines. */
export function conditionOf(op: Op, lines: Line[]): Condition {
  return {
    op,
    of: lines.map(({ not, field, header, match, value }) => {
      const is = {
        op: "is",
        field,
        match: field === "size" ? "over" : match,
        ...(field === "header" && { header }),
        ...((match !== "exists" || field === "size") && { value }),
      } as Condition;
      return not ? { op: "none", of: [is] } : is;
    }),
  };
}

export const ops: Record<Op, MessageDescriptor> = {
  all: msg`All of these`,
  any: msg`Any of these`,
  none: msg`None of these`,
};

export const fields: Record<string, MessageDescriptor> = {
  from: msg`From`,
  to: msg`To or Cc`,
  subject: msg`Subject`,
  words: msg`Subject or text`,
  attachment: msg`Name of a file`,
  list: msg`Mailing list`,
  size: msg`Size over (bytes)`,
  header: msg`Header field`,
};

export const matches: Record<string, MessageDescriptor> = {
  contains: msg`contains`,
  equals: msg`is`,
  begins: msg`begins with`,
  ends: msg`ends with`,
  exists: msg`is there`,
};
