import { Trans, useLingui } from "@lingui/react/macro";
import { Checkbox, NumberInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useSave } from "~/features/settings/parts";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { boxKeys, type Elsewhere } from "./queries";

/** Which folders are here, too, and how far back. */
export function FolderChoice({ of: a, onClose }: { of: Elsewhere; onClose: () => void }) {
  const { t } = useLingui();
  const path = { params: { path: { id: a.id } } };
  const { data, error, refetch } = useQuery({
    queryKey: ["mailbox_elsewhere", "folders", a.id],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/elsewhere/{id}/folders", path))).items,
  });
  const [picked, setPicked] = useState<Record<string, boolean>>({});
  const [days, setDays] = useState(a.days);
  const chosen = (id: string, was: boolean) => picked[id] ?? was;
  const save = useSave(
    () =>
      ok(
        api.PATCH("/api/v1/mail/elsewhere/{id}", {
          ...path,
          body: { days, folders: (data ?? []).filter((f) => chosen(f.id, f.chosen)).map((f) => f.id) },
        }),
      ),
    boxKeys,
    onClose,
  );
  return (
    <FormDialog opened onClose={onClose} title={a.address} onSave={() => save.mutate()} saving={save}>
      <NumberInput
        label={t`Fetch mail of the last days`}
        min={1}
        max={3650}
        value={days}
        onChange={(v) => setDays(Number(v))}
      />
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={4} />}
      {data?.length === 0 && (
        <Text c="dimmed">
          <Trans>Its folders are not known yet: they are read once it is connected.</Trans>
        </Text>
      )}
      {data?.map((f) => (
        <Checkbox
          key={f.id}
          label={f.use === "Inbox" ? t`Inbox` : f.name}
          disabled={f.use === "Inbox"}
          checked={f.use === "Inbox" || chosen(f.id, f.chosen)}
          onChange={(e) => setPicked({ ...picked, [f.id]: e.currentTarget.checked })}
        />
      ))}
      <Text c="dimmed" size="xs">
        <Trans>
          What you mark, move and delete here is done there, and the other way round. Of a folder that you take out,
          what is here stays.
        </Trans>
      </Text>
    </FormDialog>
  );
}
