import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { useNumbers, useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { phone } from "~/i18n/format";
import { languages } from "./machines";
import { Section, useDo } from "./parts";

type Policy = components["schemas"]["RecordingPolicy"];
type Rule = components["schemas"]["RecordingRule"];

const queryKey = ["recording-policy"];

/** Which calls are recorded. */
export function RecordingPolicy() {
  const { data } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/telephony/recording")) });
  return (
    <Section
      title={<Trans>Recording of calls</Trans>}
      about={
        <Trans>
          Nothing is recorded until a rule says so. The first rule that a call fits decides. Agents see that a call is
          recorded; ask a lawyer what callers have to be told.
        </Trans>
      }
    >
      {data && <Form key={JSON.stringify(data)} policy={data} />}
    </Section>
  );
}

function Form({ policy }: { policy: Policy }) {
  const { t, i18n } = useLingui();
  const [rules, setRules] = useState(policy.rules ?? []);
  const [days, setDays] = useState(policy.days);
  const save = useDo(
    () => ok(api.PUT("/api/v1/telephony/recording", { body: { rules, days } })),
    [queryKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const added: Rule = { record: "always", announce: true, pause: true, language: i18n.locale as Rule["language"] };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {rules.map((rule, at) => (
          <RuleFields
            // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name, their place is what they are
            key={at}
            rule={rule}
            onChange={(change) => setRules(rules.map((r, i) => (i === at ? { ...r, ...change } : r)))}
            onRemove={() => setRules(rules.filter((_, i) => i !== at))}
          />
        ))}
        <NumberInput
          label={t`Recordings are kept for, in days`}
          min={1}
          max={3650}
          value={days}
          onChange={(v) => setDays(Number(v))}
          maw="var(--fd-form)"
        />
        <Group>
          <Button variant="default" size="sm" onClick={() => setRules([...rules, added])}>
            <Trans>Add a rule</Trans>
          </Button>
          <Button type="submit" size="sm" loading={save.isPending}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type FieldsProps = { rule: Rule; onChange: (change: Partial<Rule>) => void; onRemove: () => void };

function RuleFields({ rule, onChange, onRemove }: FieldsProps) {
  const { t } = useLingui();
  const users = useUsers().filter((u) => u.active);
  const numbers = useNumbers() ?? [];
  return (
    <Stack gap="xs" role="group" aria-label={t`A rule of recording`}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t`Calls`}
          data={[
            { value: "", label: t`All` },
            { value: "in", label: t`From outside` },
            { value: "out", label: t`To outside` },
            { value: "internal", label: t`Among colleagues` },
          ]}
          value={rule.direction ?? ""}
          onChange={(v) => onChange({ direction: (v || undefined) as Rule["direction"] })}
          allowDeselect={false}
        />
        <Select
          label={t`What happens`}
          data={[
            { value: "always", label: t`They are recorded` },
            { value: "asked", label: t`They are recorded when an agent begins` },
            { value: "never", label: t`They are not recorded` },
          ]}
          value={rule.record}
          onChange={(v) => onChange({ record: v as Rule["record"] })}
          allowDeselect={false}
        />
        <MultiSelect
          label={t`Our numbers`}
          placeholder={rule.lines?.length ? undefined : t`Any`}
          data={numbers.map((n) => ({ value: n.e164, label: phone(n.e164) }))}
          value={rule.lines ?? []}
          onChange={(lines) => onChange({ lines })}
        />
        <MultiSelect
          label={t`Colleagues`}
          placeholder={rule.users?.length ? undefined : t`Anybody`}
          data={users.map((u) => ({ value: u.id, label: u.name }))}
          value={rule.users ?? []}
          onChange={(list) => onChange({ users: list })}
        />
      </SimpleGrid>
      {rule.record !== "never" && (
        <Group>
          <Checkbox
            label={t`Both sides hear that the call is recorded`}
            checked={rule.announce ?? false}
            onChange={(e) => onChange({ announce: e.currentTarget.checked })}
          />
          {rule.announce && (
            <Select
              aria-label={t`Language of the announcement`}
              data={languages}
              value={rule.language ?? "en"}
              onChange={(v) => onChange({ language: (v ?? "en") as Rule["language"] })}
              allowDeselect={false}
            />
          )}
          <Checkbox
            label={t`Agents may pause`}
            checked={rule.pause ?? false}
            onChange={(e) => onChange({ pause: e.currentTarget.checked })}
          />
          <Checkbox
            label={t`Agents may stop`}
            checked={rule.stop ?? false}
            onChange={(e) => onChange({ stop: e.currentTarget.checked })}
          />
        </Group>
      )}
      <Group>
        <Button variant="subtle" color="red" size="compact-sm" onClick={onRemove}>
          <Trans>Remove the rule</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
