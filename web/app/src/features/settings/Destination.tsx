import { Trans, useLingui } from "@lingui/react/macro";
import { MultiSelect, NumberInput, Select, Switch } from "@mantine/core";
import { useHuntGroups, useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { useMeeting, useMeetings } from "~/features/meetings/queries";
import { UserSelect } from "~/parts/people";

export type Destination = components["schemas"]["DestinationInput"];

/** Where calls go, in words. */
export function DestinationText({
  to,
}: {
  to: Pick<Destination, "responsible" | "user" | "users" | "hunt_group" | "meeting"> & { kind: string };
}) {
  const { t } = useLingui();
  const users = useUsers();
  const groups = useHuntGroups();
  const name = (id: string) => users.find((u) => u.id === id)?.name ?? "?";
  const group = groups.find((g) => g.id === to.hunt_group)?.name ?? "?";
  const ring = to.kind === "user" ? name(to.user ?? "") : (to.users ?? []).map(name).join(", ");
  const target = to.kind === "hunt_group" ? t`the hunt group ${group}` : ring;
  if (to.kind === "refuse") return <Trans>Turned away</Trans>;
  if (to.kind === "meeting") return <RoomText id={to.meeting ?? ""} />;
  return to.responsible ? <Trans>The client's responsible colleague, then {target}</Trans> : target;
}

function RoomText({ id }: { id: string }) {
  const room = useMeeting(id).data?.title ?? "?";
  return <Trans>The meeting room {room}</Trans>;
}

type Props = {
  value: Destination;
  onChange: (change: Partial<Destination>) => void;
  withResponsible?: boolean;
  withRefuse?: boolean;
  withoutGroup?: string; // a hunt group that this is the destination of
};

export function DestinationFields({ value, onChange, withResponsible, withRefuse, withoutGroup }: Props) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const { rows: rooms } = useMeetings(200);
  const groups = useHuntGroups().filter((g) => g.id !== withoutGroup);
  const rings = value.kind === "user" || value.kind === "group";
  return (
    <>
      {withResponsible && value.kind !== "meeting" && value.kind !== "refuse" && (
        <Switch
          label={t`Ring the client's responsible colleague first`}
          checked={value.responsible ?? false}
          onChange={(e) => onChange({ responsible: e.currentTarget.checked })}
        />
      )}
      <Select
        label={t`Goes to`}
        data={[
          { value: "user", label: t`One colleague` },
          { value: "group", label: t`Several at once` },
          { value: "hunt_group", label: t`A hunt group` },
          { value: "meeting", label: t`A meeting room` },
          ...(withRefuse ? [{ value: "refuse", label: t`Nobody: the caller is turned away` }] : []),
        ]}
        value={value.kind}
        onChange={(v) => onChange({ kind: v as Destination["kind"] })}
      />
      {value.kind === "user" && (
        <UserSelect
          label={t`Colleague`}
          required
          value={value.user ?? null}
          onChange={(user) => onChange({ user: user ?? undefined })}
        />
      )}
      {value.kind === "group" && (
        <MultiSelect
          label={t`Colleagues`}
          data={users.map((u) => ({ value: u.id, label: u.name }))}
          value={value.users ?? []}
          onChange={(list) => onChange({ users: list })}
        />
      )}
      {value.kind === "hunt_group" && (
        <Select
          label={t`Hunt group`}
          required
          searchable
          nothingFoundMessage={t`Add a hunt group first, on this page`}
          data={groups.map((g) => ({ value: g.id, label: g.name }))}
          value={value.hunt_group ?? null}
          onChange={(group) => onChange({ hunt_group: group ?? undefined })}
        />
      )}
      {value.kind === "meeting" && (
        <Select
          label={t`Room`}
          required
          searchable
          nothingFoundMessage={t`Open a room under Meetings first`}
          data={rooms.map((m) => ({ value: m.id, label: m.title }))}
          value={value.meeting ?? null}
          onChange={(meeting) => onChange({ meeting: meeting ?? undefined })}
        />
      )}
      {rings && (
        <NumberInput
          label={t`Seconds each step rings`}
          min={5}
          max={300}
          value={value.seconds || 25}
          onChange={(v) => onChange({ seconds: Number(v) })}
        />
      )}
    </>
  );
}
