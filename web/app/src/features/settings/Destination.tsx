import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, MultiSelect, NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useHuntGroups, useQueues, useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { useMeeting, useMeetings } from "~/features/meetings/queries";
import { UserSelect } from "~/parts/people";
import { useBoxes, useMenus } from "./machines";
import { ties } from "./strings";

export type Destination = components["schemas"]["DestinationInput"];

/** As the server gives it, or as it is being chosen. */
type Shown = Pick<
  Destination,
  "responsible" | "user" | "users" | "hunt_group" | "queue" | "meeting" | "menu" | "voicemail"
> & {
  kind: string;
  ties?: string[];
  then?: Omit<Shown, "then">;
};

/** Where calls go, in words. */
export function DestinationText({ to }: { to: Shown }) {
  const { t } = useLingui();
  const users = useUsers();
  const groups = useHuntGroups();
  const queues = useQueues();
  const name = (id: string) => users.find((u) => u.id === id)?.name ?? "?";
  const group = groups.find((g) => g.id === to.hunt_group)?.name ?? "?";
  const ring = to.kind === "user" ? name(to.user ?? "") : (to.users ?? []).map(name).join(", ");
  const queue = queues.find((q) => q.id === to.queue)?.name ?? "?";
  if (to.kind === "queue" && !to.responsible) return <Trans>The queue {queue}</Trans>;
  const target =
    to.kind === "queue" ? t`the queue ${queue}` : to.kind === "hunt_group" ? t`the hunt group ${group}` : ring;
  if (to.kind === "refuse") return <Trans>Turned away</Trans>;
  if (to.kind === "meeting") return <RoomText id={to.meeting ?? ""} />;
  if (to.kind === "menu" || to.kind === "voicemail") return <MachineText to={to} />;
  const tied = (to.ties ?? []).map((tie) => word(ties, tie)).join(", ");
  const rest = to.responsible ? t`The client's responsible colleague, then ${target}` : target;
  return (
    <>
      {tied ? (
        <Trans>
          First: {tied}; then: {rest}
        </Trans>
      ) : (
        rest
      )}
      {to.then && to.then.kind !== "refuse" && (
        <>
          , <Trans>if nobody answers</Trans>: <DestinationText to={to.then} />
        </>
      )}
    </>
  );
}

function MachineText({ to: { kind, menu, voicemail } }: { to: Shown }) {
  const list: { id: string; name: string }[] | undefined = [useMenus(), useBoxes()][kind === "menu" ? 0 : 1];
  const name = list?.find((x) => x.id === (kind === "menu" ? menu : voicemail))?.name ?? "—";
  return kind === "menu" ? <Trans>The menu “{name}”</Trans> : <Trans>The voicemail of “{name}”</Trans>;
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
  /** Of whom a machine has answered, or nobody: he may be hung up. */
  onward?: boolean;
  withoutQueue?: string; // a queue that this is a destination of
  withoutGroup?: string; // a hunt group that this is the destination of
};

export function DestinationFields({
  value,
  onChange,
  withResponsible,
  withRefuse,
  onward,
  withoutGroup,
  withoutQueue,
}: Props) {
  const { i18n, t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const { rows: rooms } = useMeetings(200);
  const groups = useHuntGroups().filter((g) => g.id !== withoutGroup);
  const queues = useQueues().filter((q) => q.id !== withoutQueue);
  const rings = value.kind === "user" || value.kind === "group";
  return (
    <>
      {withResponsible && (rings || value.kind === "hunt_group") && (
        <MultiSelect
          label={t`Ring first`}
          description={t`In the order of choice; who is not there is passed over`}
          data={Object.entries(ties).map(([tie, what]) => ({ value: tie, label: i18n._(what) }))}
          value={value.ties ?? []}
          onChange={(list) => onChange({ ties: list as Destination["ties"] })}
        />
      )}
      {withResponsible && (rings || value.kind === "hunt_group") && (
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
          { value: "queue", label: t`A queue` },
          { value: "meeting", label: t`A meeting room` },
          { value: "menu", label: t`A voice menu or announcement` },
          { value: "voicemail", label: t`Voicemail` },
          ...(onward && !withRefuse ? [{ value: "refuse", label: t`Nobody: the caller is hung up` }] : []),
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
      {value.kind === "queue" && (
        <Select
          label={t`Queue`}
          required
          searchable
          nothingFoundMessage={t`Add a queue first, on this page`}
          data={queues.map((q) => ({ value: q.id, label: q.name }))}
          value={value.queue ?? null}
          onChange={(queue) => onChange({ queue: queue ?? undefined })}
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
      <MachineSelect value={value} onChange={onChange} />
      {rings && (
        <NumberInput
          label={t`Seconds each step rings`}
          min={5}
          max={300}
          value={value.seconds || 25}
          onChange={(v) => onChange({ seconds: Number(v) })}
        />
      )}
      {rings && !onward && <Then value={value} onChange={onChange} />}
    </>
  );
}

function MachineSelect({ value, onChange }: Pick<Props, "value" | "onChange">) {
  const { t } = useLingui();
  const [menus, boxes] = [useMenus() ?? [], useBoxes() ?? []];
  if (value.kind === "menu")
    return (
      <Select
        label={t`Menu or announcement`}
        required
        nothingFoundMessage={t`Add one first, on this page`}
        data={menus.map((m) => ({ value: m.id, label: m.name }))}
        value={value.menu ?? null}
        onChange={(menu) => onChange({ menu: menu ?? undefined })}
      />
    );
  if (value.kind === "voicemail")
    return (
      <Select
        label={t`Voicemail box`}
        required
        nothingFoundMessage={t`Add one first, on this page`}
        data={boxes.map((b) => ({ value: b.id, label: b.name }))}
        value={value.voicemail ?? null}
        onChange={(voicemail) => onChange({ voicemail: voicemail ?? undefined })}
      />
    );
}

/** Where calls go that nobody takes. */
function Then({ value, onChange }: Pick<Props, "value" | "onChange">) {
  const { t } = useLingui();
  const then = value.then;
  return (
    <Fieldset legend={t`If nobody answers`}>
      <Stack gap="md">
        <Switch
          label={t`The call goes on elsewhere`}
          checked={then !== undefined}
          onChange={(e) => onChange({ then: e.currentTarget.checked ? { kind: "voicemail" } : undefined })}
        />
        {then && (
          <DestinationFields
            value={then as Destination}
            onChange={(change) => onChange({ then: { ...then, ...change } as Destination["then"] })}
            onward
          />
        )}
      </Stack>
    </Fieldset>
  );
}
