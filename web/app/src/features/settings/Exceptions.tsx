import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Fieldset, Group, Select, Stack } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useUsers } from "~/api/queries";
import { LimitFields } from "./LimitFields";
import { type Rules, unlimited } from "./limits";
import classes from "./Settings.module.css";
import { useLines } from "./waysOut";

type Props = { rules: Rules; onChange: (change: Partial<Rules>) => void };
type Kind = "users" | "trunks";

/** Users whose limits differ from those of all, and lines that have limits. */
export function Exceptions({ rules, onChange }: Props) {
  const named = (x: { id: string; name: string }) => ({ value: x.id, label: x.name });
  const trunks = useLines();
  const lines = trunks.map(named);
  const users = useUsers().filter((u) => u.active);
  const payers = [...users.map(named), ...trunks.filter((l) => l.kind === "pbx").map(named)];
  return (
    <Stack gap="md">
      <List kind="users" choice={payers} rules={rules} onChange={onChange} />
      <List kind="trunks" choice={lines} rules={rules} onChange={onChange} />
    </Stack>
  );
}

function List({ kind, choice, rules, onChange }: Props & { kind: Kind; choice: { value: string; label: string }[] }) {
  const { t } = useLingui();
  const all = rules[kind];
  const set = (at: number, change: Partial<(typeof all)[number]>) =>
    onChange({ [kind]: all.map((e, i) => (i === at ? { ...e, ...change } : e)) });
  const free = choice.find((c) => !all.some((e) => e.id === c.value));
  return (
    <>
      {all.map((e, at) => (
        <Fieldset key={e.id} variant="unstyled">
          <Stack gap="xs">
            <Group gap="xs" align="flex-end">
              <Select
                label={kind === "users" ? t`Colleague or PBX` : t`Line`}
                allowDeselect={false}
                data={choice.filter((c) => c.value === e.id || !all.some((x) => x.id === c.value))}
                value={e.id}
                onChange={(id) => id && set(at, { id })}
              />
              <ActionIcon aria-label={t`Remove`} onClick={() => onChange({ [kind]: all.filter((_, i) => i !== at) })}>
                <IconX className={classes.icon} />
              </ActionIcon>
            </Group>
            <LimitFields value={e.limits} onChange={(c) => set(at, { limits: { ...e.limits, ...c } })} />
          </Stack>
        </Fieldset>
      ))}
      {free && (
        <Group>
          <Button
            variant="default"
            onClick={() =>
              onChange({ [kind]: [...all, { id: free.value, limits: kind === "users" ? rules.each : unlimited }] })
            }
          >
            {kind === "users" ? <Trans>Other limits for a colleague</Trans> : <Trans>Limits of a line</Trans>}
          </Button>
        </Group>
      )}
    </>
  );
}
