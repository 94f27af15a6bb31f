import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { say } from "~/app/notify";
import { promptsKey, usePrompts } from "./machines";
import { useDo } from "./parts";

const queryKey = ["hold-music"];

type MusicProps = { label: string; description: string; none: string; value: string; onChange: (id: string) => void };

/** One of the prompts as what who waits hears, or none of them. */
export function MusicSelect({ none, value, onChange, ...words }: MusicProps) {
  const prompts = usePrompts()?.items ?? [];
  return (
    <Select
      {...words}
      allowDeselect={false}
      data={[{ value: "", label: none }, ...prompts.map((p) => ({ value: p.id, label: p.name }))]}
      value={value}
      onChange={(id) => onChange(id ?? "")}
    />
  );
}

/** What who waits hears in all calls. */
export function HoldMusic() {
  const { t } = useLingui();
  const { data } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/telephony/hold-music")) });
  const save = useDo(
    (prompt: string) => ok(api.PUT("/api/v1/telephony/hold-music", { body: { prompt } })),
    [queryKey, promptsKey],
    () => say(msg`Saved`),
  );
  if (!data) return null;
  return (
    <MusicSelect
      label={t`Hold music`}
      description={t`Heard by who is on hold, parked or waits in a queue without music of its own. Add it as a prompt`}
      none={t`The music that ships with Frontdesk`}
      value={save.isPending ? save.variables : data.prompt}
      onChange={(prompt) => save.mutate(prompt)}
    />
  );
}
