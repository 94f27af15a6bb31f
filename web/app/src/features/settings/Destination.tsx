import { Trans, useLingui } from "@lingui/react/macro";
import { MultiSelect, NumberInput, Select, Switch } from "@mantine/core";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { UserSelect } from "~/parts/people";

export type Destination = components["schemas"]["DestinationInput"];

/** Where calls go, in words. */
export function DestinationText({
  to,
}: {
  to: Pick<Destination, "responsible" | "user" | "users"> & { kind: string };
}) {
  const users = useUsers();
  const name = (id: string) => users.find((u) => u.id === id)?.name ?? "?";
  const target = to.kind === "user" ? name(to.user ?? "") : (to.users ?? []).map(name).join(", ");
  if (to.kind === "meeting") return <Trans>A meeting room</Trans>;
  return to.responsible ? <Trans>The client's responsible colleague, then {target}</Trans> : target;
}

type Props = { value: Destination; onChange: (change: Partial<Destination>) => void; withResponsible?: boolean };

export function DestinationFields({ value, onChange, withResponsible }: Props) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  return (
    <>
      {withResponsible && (
        <Switch
          label={t`Ring the client's responsible colleague first`}
          checked={value.responsible ?? false}
          onChange={(e) => onChange({ responsible: e.currentTarget.checked })}
        />
      )}
      <Select
        label={t`Rings`}
        data={[
          { value: "user", label: t`One colleague` },
          { value: "group", label: t`Several at once` },
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
      <NumberInput
        label={t`Seconds each step rings`}
        min={5}
        max={300}
        value={value.seconds || 25}
        onChange={(v) => onChange({ seconds: Number(v) })}
      />
    </>
  );
}
