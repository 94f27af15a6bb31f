/** Conditions as people build them: groups in groups, and what is asked of a field. */
import type { components } from "~/api/schema";

export type Condition = components["schemas"]["Condition"];
export type Join = "all" | "any" | "none";
export type Leaf = { key: number; field: string; op: string; values: string[] };
export type Group = { key: number; join: Join; of: Node[] };
export type Node = Leaf | Group;

let keys = 0;
const key = () => ++keys;

export const isGroup = (n: Node): n is Group => "of" in n;
export const group = (join: Join = "all", of: Node[] = []): Group => ({ key: key(), join, of });
export const leaf = (field: string, op: string, values: string[] = []): Leaf => ({ key: key(), field, op, values });

/** The tree that the server keeps, as it is edited: its root is a group. */
export function opened(c: Condition): Group {
  const n = node(c);
  return isGroup(n) ? n : group("all", [n]);
}

function node(c: Condition): Node {
  if (c.field) return leaf(c.field, c.op ?? "is", c.values ?? []);
  if (c.any?.length) return group("any", c.any.map(node));
  if (c.not) {
    const inner = c.not.any?.length ? c.not.any : [c.not];
    return group("none", inner.map(node));
  }
  return group("all", (c.all ?? []).map(node));
}

/** What was edited, as the server keeps it. Groups with nothing in them are left out. */
export function closed(n: Node): Condition {
  return kept(n) ?? {};
}

function kept(n: Node): Condition | undefined {
  if (!isGroup(n)) {
    const none = n.op === "empty" || n.op === "filled";
    return { field: n.field, op: n.op, ...(!none && { values: n.values }) };
  }
  const of = n.of.map(kept).filter((c) => c !== undefined);
  if (!of.length) return undefined;
  if (n.join === "none") return { not: of.length === 1 ? of[0]! : { any: of } };
  if (of.length === 1) return of[0];
  return n.join === "any" ? { any: of } : { all: of };
}
