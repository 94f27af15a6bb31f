import type { components } from "~/api/schema";

export type Trial = components["schemas"]["Trial"];
export type TrialStep = components["schemas"]["TrialStep"];

/** What may come of a step, by its kind. */
const outcomes: Record<string, string[]> = {
  hours: ["open", "closed", "holiday"],
  vouch: ["vouched", "doubted"],
  personal: ["forwarded", "do_not_disturb", "closed"],
  queue: ["nobody", "full", "waited"],
  hunt_group: ["no_answer", "busy", "declined", "unavailable"],
  announce: ["done", "failed"],
  ring: ["no_answer", "busy", "declined", "unavailable"],
  dial: ["no_answer", "busy", "declined", "unavailable", "not_found", "failed"],
};

export type Branch = { outcomes: string[]; to: number | undefined };

/** Where the outcomes of a step lead, those together that lead to the same; to no step: the call ends. */
export function branches({ kind, next }: Pick<TrialStep, "kind" | "next">): Branch[] {
  const all: Branch[] = [];
  for (const outcome of kind === "menu" ? keysOf(next) : (outcomes[kind] ?? [])) {
    const to = next[outcome];
    const same = all.find((b) => b.to === to);
    if (same) same.outcomes.push(outcome);
    else all.push({ outcomes: [outcome], to });
  }
  return all;
}

/** What may come of a menu: its keys in order, then none or a wrong one. */
const keysOf = (next: TrialStep["next"]) => [
  ...Object.keys(next)
    .filter((o) => o.startsWith("key "))
    .sort(),
  "timeout",
  "invalid",
];

/** What the form holds, as the server is asked: local time with its zone, and nothing where nothing was entered. */
export function asked({ number, from, at, verified }: { number: string; from: string; at: string; verified: string }) {
  return {
    number,
    from: from.trim() || undefined,
    at: at ? new Date(at).toISOString() : undefined,
    verified: (verified || undefined) as "passed" | undefined,
  };
}
