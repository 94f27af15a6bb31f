import { Trans, useLingui } from "@lingui/react/macro";
import { MultiSelect, Select, TagsInput, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useUsers } from "~/api/queries";
import { FormDialog } from "~/parts/FormDialog";
import { regions } from "./Outbound";
import { useSave } from "./parts";
import { useSchedules } from "./Schedules";
import { placed, saveWaysOut, useDepartments, useLines, type WayOut, wayOutKey } from "./waysOut";

type FormProps = { list: WayOut[]; at: number; way: WayOut; onClose: () => void };

/** A route of calls out to be made or changed. */
export function WayOutForm({ list, at, way, onClose }: FormProps) {
  const { t, i18n } = useLingui();
  const [values, setValues] = useState(way);
  const set = (change: Partial<WayOut>) => setValues((v) => ({ ...v, ...change }));
  const countries = useMemo(() => regions(i18n.locale), [i18n.locale]);
  const lines = useLines();
  const departments = useDepartments();
  const schedules = useSchedules() ?? [];
  const users = useUsers().filter((u) => u.active || values.users.includes(u.id));
  const save = useSave(() => saveWaysOut(placed(list, at, values)), [wayOutKey], onClose);
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={at < 0 ? <Trans>Add a route</Trans> : way.name}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t({ message: "Name", context: "thing" })}
        placeholder={t`Mobiles`}
        required
        data-autofocus
        value={values.name}
        onChange={(e) => set({ name: e.currentTarget.value })}
      />
      <TagsInput
        label={t`Numbers that begin with`}
        description={t`Such as +407, or a short number. Empty: any`}
        value={values.prefixes}
        onChange={(prefixes) => set({ prefixes })}
      />
      <MultiSelect
        label={t`To countries`}
        description={t`Empty: any`}
        searchable
        data={countries}
        value={values.countries}
        onChange={(list) => set({ countries: list })}
      />
      <MultiSelect
        label={t`When these call`}
        description={departments.length ? t`Empty here and below: anybody` : t`Empty: anybody`}
        searchable
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        value={values.users}
        onChange={(list) => set({ users: list })}
      />
      {departments.length > 0 && (
        <MultiSelect
          label={t`When people of these departments call`}
          description={t`And of those below them`}
          searchable
          data={departments.map((d) => ({ value: d.id, label: d.name }))}
          value={values.departments}
          onChange={(list) => set({ departments: list })}
        />
      )}
      {schedules.length > 0 && (
        <Select
          label={t`Only in working hours`}
          description={t`Outside of them the next routes decide. Empty: at any time`}
          clearable
          data={schedules.map((s) => ({ value: s.id, label: s.name }))}
          value={values.schedule ?? null}
          onChange={(v) => set({ schedule: v ?? undefined })}
        />
      )}
      <MultiSelect
        label={t`Over these lines`}
        description={t`In the order in which you choose them: the next one where one fails`}
        required
        data={lines.map((l) => ({ value: l.id, label: l.name }))}
        value={values.trunks}
        onChange={(trunks) => set({ trunks })}
      />
      <TextInput
        label={t`Number these calls show`}
        description={t`Empty: the colleague's own, or the line's`}
        value={values.caller_id}
        onChange={(e) => set({ caller_id: e.currentTarget.value })}
      />
    </FormDialog>
  );
}
