/** The fields that the company adds to its records. */
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Kind, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { type Words, word } from "~/app/words";
import { money } from "~/i18n/format";

export type Field = components["schemas"]["Field"];
export type Values = Record<string, string[]>;
export type FieldType = Field["type"];

export const fieldsKey = ["fields"];
export const readFields = async () => (await ok(api.GET("/api/v1/fields"))).items;
const fieldsQuery = queryOptions({ queryKey: fieldsKey, queryFn: readFields, staleTime: 60_000 });
const none: never[] = [];

/** All fields, or those that a kind of record has. */
export function useFields(kind?: Kind): Field[] {
  const all = useQuery(fieldsQuery).data ?? none;
  return useMemo(() => (kind ? all.filter((f) => f.kinds.includes(kind)) : all), [all, kind]);
}

/** What comes with the program, by the names it has there: who renamed it reads his own. */
const shipped: Words = {
  Tags: msg`Tags`,
  Source: msg`Source`,
  "Why lost": msg`Why lost`,
  "UTM source": msg`UTM source`,
  "UTM medium": msg`UTM medium`,
  "UTM campaign": msg`UTM campaign`,
  "UTM term": msg`UTM term`,
  "UTM content": msg`UTM content`,
  "Postal address": msg`Postal address`,
  "VAT number": msg`VAT number`,
  Website: msg`Website`,
  Recommendation: msg`Recommendation`,
  Advertising: msg`Advertising`,
  Exhibition: msg`Exhibition`,
  "Cold call": msg`Cold call`,
  Price: msg({ message: "Price", context: "why a deal is lost" }),
  Competitor: msg`Competitor`,
  "Not now": msg({ message: "Not now", context: "why a deal is lost" }),
  "No need": msg`No need`,
  "No answer": msg`No answer`,
};

const ownName = (f: Pick<Field, "built_in">, name: string) => (f.built_in ? word(shipped, name) : name);

export const nameOf = (f: Field) => ownName(f, f.name);

export const optionsOf = (f: Field) => (f.choices ?? []).map((c) => ({ value: c.id!, label: ownName(f, c.name) }));

export const types: Record<FieldType, (typeof shipped)[string]> = {
  text: msg`Text`,
  number: msg({ message: "Number", context: "amount" }),
  money: msg`Money`,
  date: msg`Date`,
  yes_no: msg`Yes or no`,
  choice: msg`One choice`,
  choices: msg`Several choices`,
  user: msg`Colleague`,
  tags: msg`Tags`,
};

export const yesNo: Words = { yes: msg`Yes`, no: msg`No` };

/** An amount as a field keeps it: "1200.50 EUR". */
export function moneyOf(text: string | undefined): { amount: number; currency: string } | undefined {
  const [number, currency] = (text ?? "").split(" ");
  return currency ? { amount: Math.round(Number(number) * 100), currency } : undefined;
}

/** Says what a record has in a field, in the language now spoken. */
export function useFieldText(): (f: Field, values: string[] | undefined) => string {
  const users = useUsers();
  return (f, values) =>
    (values ?? [])
      .map((v) => said(f, v, (id) => users.find((u) => u.id === id)?.name ?? "—"))
      .filter(Boolean)
      .join(", ");
}

function said(f: Field, v: string, userName: (id: string) => string): string {
  switch (f.type) {
    case "number":
      return i18n.number(Number(v), { maximumFractionDigits: 10 });
    case "money": {
      const m = moneyOf(v);
      return m ? money(m.amount, m.currency) : v;
    }
    case "date":
      return i18n.date(new Date(`${v}T12:00:00`), { day: "numeric", month: "short", year: "numeric" });
    case "yes_no":
      return word(yesNo, v);
    case "choice":
    case "choices":
      return optionsOf(f).find((o) => o.value === v)?.label ?? "—";
    case "user":
      return userName(v);
  }
  return v;
}

/** A number as the server reads it, however its language writes it. */
export function plain(field: Field, text: string): string {
  if (field.type !== "number" && field.type !== "money") return text;
  const group = i18n.locale === "en" ? "," : ".";
  const compact = text.replace(/[\s\u00a0\u202f]/g, "");
  if (i18n.locale === "en") return compact.replaceAll(group, "");
  return compact.includes(",") ? compact.replaceAll(group, "").replace(",", ".") : compact;
}
