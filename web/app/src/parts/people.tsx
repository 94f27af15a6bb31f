import { useLingui } from "@lingui/react/macro";
import { Avatar, Group, Select, type SelectProps, Text } from "@mantine/core";
import { useEffect } from "react";
import { useUserName, useUsers } from "~/api/queries";
import { live, useLiveState } from "~/app/live";
import classes from "./parts.module.css";

/** A person's initials. */
export function Face({ name, size = "sm" }: { name: string; size?: "sm" | "md" | "lg" }) {
  return <Avatar name={name} size={size} radius="xl" classNames={{ placeholder: classes.face }} aria-hidden />;
}

/** Names of users by their ids, as a list in words. */
export function useNames(): (ids: string[]) => string {
  const { i18n } = useLingui();
  const users = useUsers();
  return (ids) => new Intl.ListFormat(i18n.locale).format(ids.map((id) => users.find((u) => u.id === id)?.name ?? "—"));
}

/** A colleague by id: initials and name. */
export function UserTag({ id }: { id: string | undefined }) {
  const name = useUserName(id);
  if (!name) return <Text c="dimmed">—</Text>;
  return (
    <Group gap="sm" wrap="nowrap">
      <Face name={name} />
      <Text truncate>{name}</Text>
    </Group>
  );
}

/** A dot that says whether a colleague can be reached: green online, amber in a call, barred red not to be disturbed, grey away. */
export function Presence({ user }: { user: string }) {
  const is = useLiveState().online[user];
  useEffect(() => live.show(user), [user]);
  const state = is?.quiet ? "quiet" : is?.online ? (is.busy ? "wait" : "live") : "off";
  return <span className={classes.dot} data-state={state} aria-hidden />;
}

type UserSelectProps = Omit<SelectProps, "data">;

/** Chooses a colleague. */
export function UserSelect(props: UserSelectProps) {
  const users = useUsers().filter((u) => u.active);
  return <Select data={users.map((u) => ({ value: u.id, label: u.name }))} searchable {...props} />;
}
