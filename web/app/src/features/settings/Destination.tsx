import { Trans, useLingui } from "@lingui/react/macro";
import { MultiSelect, NumberInput, Select, Switch } from "@mantine/core";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { useMeeting, useMeetings } from "~/features/meetings/queries";
import { UserSelect } from "~/parts/people";

export type Destination = components["schemas"]["DestinationInput"];

/** Where calls go, in words. */
export function DestinationText({
  to,
}: {
  to: Pick<Destination, "responsible" | "user" | "users" | "meeting"> & { kind: string };
}) {
  const users = useUsers();
  const name = (id: string) => users.find((u) => u.id === id)?.name ?? "?";
  const target = to.kind === "user" ? name(to.user ?? "") : (to.users ?? []).map(name).join(", ");
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
};

export function DestinationFields({ value, onChange, withResponsible, withRefuse }: Props) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const { rows: rooms } = useMeetings(200);
  const rings = value.kind === "user" || value.kind === "group";
  return (
    <>
      {withResponsible && rings && (
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
