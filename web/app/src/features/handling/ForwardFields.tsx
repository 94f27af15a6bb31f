import { useLingui } from "@lingui/react/macro";
import { Checkbox, Group, Select, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useExtensions, useMe, useUsers } from "~/api/queries";
import { useBoxes } from "~/features/recordings/queries";
import { boxesKey, readBoxes } from "~/features/settings/machines";
import type { Forward } from "./handling";

type Props = {
  label: string;
  none: string; // what happens without a forwarding
  of?: string; // the user whose calls they are
  value: Forward | undefined;
  onChange: (value: Forward | undefined) => void;
  children?: ReactNode;
};

/** Where calls go on one occasion. */
export function ForwardFields({ label, none, of, value, onChange, children }: Props) {
  const { t } = useLingui();
  const kinds = [
    { value: "", label: none },
    { value: "user", label: t`To a colleague` },
    { value: "extension", label: t`To an extension` },
    { value: "number", label: t`To a number outside` },
    { value: "voicemail", label: t`To voicemail` },
  ];
  const choose = (kind: string | null) =>
    onChange(kind ? { kind: kind as Forward["kind"], confirm: kind === "number" || undefined } : undefined);
  return (
    <Stack gap="xs">
      <Group gap="sm" grow align="flex-end" wrap="nowrap" preventGrowOverflow={false}>
        <Select label={label} allowDeselect={false} data={kinds} value={value?.kind ?? ""} onChange={choose} />
        {value && <Target label={label} of={of} value={value} onChange={onChange} />}
      </Group>
      {value?.kind === "number" && (
        <Checkbox
          label={t`Who answers there presses 1 to take the call`}
          description={t`So that a mobile's voicemail never takes a client's call`}
          checked={value.confirm ?? false}
          onChange={(e) => onChange({ ...value, confirm: e.currentTarget.checked })}
        />
      )}
      {value && children}
    </Stack>
  );
}

/** A voicemail box of whose calls they are. */
function BoxSelect({ label, of, value, onChange }: TargetProps) {
  const { t } = useLingui();
  const mine = of === useMe()?.id;
  const own = useBoxes();
  const all = useQuery({ queryKey: boxesKey, queryFn: readBoxes, enabled: !mine }).data ?? [];
  const boxes = mine ? own : all.filter((b) => b.users?.includes(of ?? ""));
  return (
    <Select
      aria-label={t`${label}: voicemail box`}
      required
      nothingFoundMessage={t`No box yet: an admin makes one under Telephony`}
      data={boxes.map((b) => ({ value: b.id, label: b.name }))}
      value={value.box ?? null}
      onChange={(box) => onChange({ ...value, box: box ?? undefined })}
    />
  );
}

type TargetProps = { label: string; of?: string; value: Forward; onChange: (value: Forward) => void };

function Target({ label, of, value, onChange }: TargetProps) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active && u.id !== of);
  const extensions = useExtensions().filter((e) => e.kind !== "user");
  if (value.kind === "number")
    return (
      <TextInput
        aria-label={t`${label}: number`}
        placeholder="0722 123 456"
        type="tel"
        required
        value={value.number ?? ""}
        onChange={(e) => onChange({ ...value, number: e.currentTarget.value })}
      />
    );
  if (value.kind === "voicemail") return <BoxSelect label={label} of={of} value={value} onChange={onChange} />;
  const people = value.kind === "user";
  return (
    <Select
      aria-label={people ? t`${label}: colleague` : t`${label}: extension`}
      required
      searchable
      nothingFoundMessage={people ? t`Nobody so called` : t`Groups and meetings need an extension first`}
      data={
        people
          ? users.map((u) => ({ value: u.id, label: u.name }))
          : extensions.map((e) => ({ value: e.number, label: e.number }))
      }
      value={(people ? value.user : value.number) ?? null}
      onChange={(to) => onChange(people ? { ...value, user: to ?? undefined } : { ...value, number: to ?? undefined })}
    />
  );
}
