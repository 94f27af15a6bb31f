import { useExtensions, useHuntGroups, useNumbers, useQueues } from "~/api/queries";
import { phone } from "~/i18n/format";

/** The numbers, extensions, hunt groups and queues that lead to a hunt group or queue. */
export function useLeading(kind: "hunt_group" | "queue"): (id: string) => string[] {
  const numbers = useNumbers() ?? [];
  const extensions = useExtensions();
  const groups = useHuntGroups();
  const queues = useQueues();
  return (id) => {
    const leads = (to: { hunt_group?: string; queue?: string } | undefined) => to?.[kind] === id;
    return [
      ...numbers.filter((n) => leads(n.destination) || leads(n.closed)).map((n) => phone(n.e164)),
      ...extensions.filter((e) => leads(e) || leads(e.closed)).map((e) => e.number),
      ...groups.filter((g) => leads(g.otherwise)).map((g) => g.name),
      ...queues.filter((q) => Object.values(q.leads).some(leads)).map((q) => q.name),
    ];
  };
}
