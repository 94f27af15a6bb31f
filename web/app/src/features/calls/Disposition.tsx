import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, Select, Stack, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";
import { complain } from "~/app/notify";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import classes from "./Calls.module.css";
import { useCall } from "./queries";

export type Said = components["schemas"]["Disposition"];

export const choicesKey = ["dispositions"];

/** What can be said of calls: the company's own lists; undefined while they are not known. */
export const useChoices = () =>
  useQuery({
    queryKey: choicesKey,
    queryFn: () => ok(api.GET("/api/v1/telephony/dispositions")),
    staleTime: 60_000,
  }).data;

/** Says what came of a call, and what is to be done next. */
export function DispositionFields({ call }: { call: string }) {
  const { data, isPending, error, refetch } = useCall(call);
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return <Fields call={call} said={{ result: data.result ?? "", next_step: data.next_step ?? "" }} />;
}

function Fields({ call, said }: { call: string; said: Said }) {
  const { t } = useLingui();
  const choices = useChoices();
  const [now, setNow] = useState(said);
  const save = useMutation({
    mutationFn: (body: Said) => ok(api.PUT("/api/v1/calls/{id}/disposition", { params: { path: { id: call } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: ["calls"] }),
    onError: complain,
  });
  const say = (what: Partial<Said>) => {
    const next = { ...now, ...what };
    setNow(next);
    save.mutate(next);
  };
  if (!choices?.results.length && !choices?.next_steps.length)
    return (
      <Text c="dimmed" maw="var(--fd-form)">
        <Trans>An administrator writes down what can come of a call under Settings → Telephony.</Trans>
      </Text>
    );
  const data = (list: string[], chosen: string) => (chosen && !list.includes(chosen) ? [...list, chosen] : list);
  return (
    <Stack gap="sm">
      <Select
        size="xs"
        label={t`Result`}
        data={data(choices.results, now.result)}
        value={now.result || null}
        clearable
        comboboxProps={{ withinPortal: false }}
        onChange={(v) => say({ result: v ?? "" })}
      />
      <Select
        size="xs"
        label={t`Next step`}
        data={data(choices.next_steps, now.next_step)}
        value={now.next_step || null}
        clearable
        comboboxProps={{ withinPortal: false }}
        onChange={(v) => say({ next_step: v ?? "" })}
      />
    </Stack>
  );
}

/** What came of a call in the history; opened, it can be said. */
export function Disposition({ call, result, next }: { call: string; result: string; next: string }) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  const said = [result, next].filter(Boolean).join(" · ");
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus withRoles>
      <Popover.Target>
        <UnstyledButton
          className={classes.outcome}
          title={said}
          aria-label={said ? t`Result: ${said}` : t`Say what came of the call`}
          onClick={(e) => {
            e.stopPropagation();
            setOpened(!opened);
          }}
        >
          <Text span className={said ? undefined : classes.add} truncate>
            {said || <Trans>Add</Trans>}
          </Text>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown onClick={(e) => e.stopPropagation()}>
        <Fields call={call} said={{ result, next_step: next }} />
      </Popover.Dropdown>
    </Popover>
  );
}
