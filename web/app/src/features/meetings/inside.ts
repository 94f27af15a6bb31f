import { useLingui } from "@lingui/react/macro";
import { useUsers } from "~/api/queries";
import { useLiveState } from "~/app/live";
import { phone } from "~/i18n/format";
import type { LiveState } from "~/live/state";

/** Who is in a meeting: colleagues by id, and others by what is known of them; nameless are from outside and no more is known. */
export type Inside = { users: string[]; guests: string[]; nameless: number };

/**
 * Who is in a meeting now: as its state tells it where this tab is in it itself, else as the server said when it was asked last.
 */
export function insideOf(
  { rooms, stage }: Pick<LiveState, "rooms" | "stage">,
  meeting: { id: string; inside: string[]; guests: number },
): Inside {
  const room = stage?.room === meeting.id ? rooms[meeting.id] : undefined;
  if (!room) return { users: meeting.inside, guests: [], nameless: meeting.guests };
  const active = room.people.filter((p) => p.state === "active");
  const outside = active.filter((p) => !p.user).map((p) => phone(p.name || p.number));
  return {
    users: [...new Set(active.map((p) => p.user).filter(Boolean))],
    guests: outside.filter(Boolean),
    nameless: outside.filter((name) => !name).length,
  };
}

/** How many are in a meeting now, and their names in one line. */
export function useInside(meeting: { id: string; inside: string[]; guests: number }): { count: number; names: string } {
  const { t } = useLingui();
  const users = useUsers();
  const { users: ids, guests, nameless } = insideOf(useLiveState(), meeting);
  const colleagues = ids.map((id) => users.find((u) => u.id === id)?.name).filter(Boolean);
  const unnamed = nameless ? [t`${nameless} by phone`] : [];
  return { count: ids.length + guests.length + nameless, names: [...colleagues, ...guests, ...unnamed].join(", ") };
}
