import type { components } from "~/api/schema";

type Rule = components["schemas"]["Rule"];
type Condition = components["schemas"]["Condition"];

/** The conditions a form can show: one, or several that all must hold. Undefined for deeper trees, which keep as they are. */
export function simple(when: Condition): Condition[] | undefined {
  if (when.field) return [when];
  if (when.all?.every((c) => c.field)) return when.all;
  return when.all || when.any || when.not ? undefined : [];
}

/** The rule that makes leads for nobody, unless one before it takes everybody. */
export function unchosen(rules: Rule[]): Rule | undefined {
  const always = (r: Rule) => simple(r.when)?.length === 0;
  const last = rules.find((r) => r.active && ((r.then.create && r.then.assign === "nobody") || always(r)));
  return last?.then.assign === "nobody" ? last : undefined;
}
