import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Select, Stack, Switch, TagsInput, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { simple } from "~/app/unchosen";
import { UserSelect } from "~/parts/people";
import { NamedForm } from "./NamedForm";
import { ConditionText, type Rule } from "./Rules";
import classes from "./Settings.module.css";
import { assignments, ruleFields, ruleOps } from "./strings";

type Condition = components["schemas"]["Condition"];
type Simple = Condition & { key: number };

export function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const [values, setValues] = useState({ name: rule.name, active: rule.active, then: rule.then });
  const [conditions, setConditions] = useState(() => simple(rule.when)?.map((c, key): Simple => ({ ...c, key })));
  const departments =
    useQuery({ queryKey: ["departments"], queryFn: async () => (await ok(api.GET("/api/v1/departments"))).items })
      .data ?? [];
  const setThen = (change: Partial<Rule["then"]>) => setValues((v) => ({ ...v, then: { ...v.then, ...change } }));
  const body = { ...values, when: conditions ? joined(conditions) : rule.when };
  return (
    <NamedForm
      of={rule}
      add={<Trans>Add a rule</Trans>}
      name={values.name}
      onName={(name) => setValues({ ...values, name })}
      make={() => ok(api.POST("/api/v1/rules", { body }))}
      change={(path) => ok(api.PUT("/api/v1/rules/{id}", { params: { path }, body }))}
      keys={[["rules"]]}
      onClose={onClose}
    >
      <Text fw={500}>
        <Trans>When</Trans>
      </Text>
      {conditions ? (
        <Conditions all={conditions} onChange={setConditions} />
      ) : (
        <Text c="dimmed">
          <ConditionText of={rule.when} />
        </Text>
      )}
      <Text fw={500}>
        <Trans>Then</Trans>
      </Text>
      <Switch
        label={t`Make a lead`}
        checked={values.then.create}
        onChange={(e) => setThen({ create: e.currentTarget.checked })}
      />
      {values.then.create && (
        <Select
          aria-label={t`Give it`}
          data={Object.entries(assignments).map(([value, word]) => ({ value, label: i18n._(word) }))}
          value={values.then.assign}
          onChange={(assign) => setThen({ assign: assign ?? "admin" })}
        />
      )}
      {values.then.assign === "user" && (
        <UserSelect
          aria-label={t`Colleague`}
          required
          value={values.then.user ?? null}
          onChange={(user) => setThen({ user: user ?? undefined })}
        />
      )}
      {(values.then.assign === "department" || values.then.assign === "next_available") && (
        <Select
          aria-label={t`Department`}
          required
          data={departments.map((d) => ({ value: d.id, label: d.name }))}
          value={values.then.department ?? null}
          onChange={(v) => setThen({ department: v ?? undefined })}
        />
      )}
      <Switch
        label={t`In use`}
        checked={values.active}
        onChange={(e) => setValues({ ...values, active: e.currentTarget.checked })}
      />
    </NamedForm>
  );
}

function Conditions({ all, onChange }: { all: Simple[]; onChange: (all: Simple[]) => void }) {
  const { t, i18n } = useLingui();
  const words = (of: typeof ruleFields) => Object.entries(of).map(([value, word]) => ({ value, label: i18n._(word) }));
  const set = (at: number, change: Condition) => onChange(all.map((c, i) => (i === at ? { ...c, ...change } : c)));
  return (
    <Stack gap="xs">
      {all.length === 0 && (
        <Text c="dimmed">
          <Trans>Always. Add a condition to narrow it.</Trans>
        </Text>
      )}
      {all.map((c, i) => (
        <Group key={c.key} gap="xs" wrap="nowrap">
          <Select
            size="xs"
            aria-label={t`Field`}
            data={words(ruleFields)}
            value={c.field}
            onChange={(field) => set(i, { field: field ?? undefined, op: field === "time" ? "between" : "is" })}
          />
          <Select
            size="xs"
            aria-label={t`Comparison`}
            data={words(ruleOps)}
            value={c.op}
            onChange={(op) => set(i, { op: op ?? undefined })}
          />
          <TagsInput
            size="xs"
            flex={1}
            aria-label={t`Values`}
            value={c.values ?? []}
            acceptValueOnBlur
            onChange={(values) => set(i, { values })}
          />
          <ActionIcon aria-label={t`Remove`} onClick={() => onChange(all.filter((x) => x !== c))}>
            <IconX className={classes.icon} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="default"
          onClick={() => onChange([...all, { field: "line", op: "is", values: [], key: Date.now() }])}
        >
          <Trans>Add a condition</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

/** The tree the server keeps for a list of conditions. */
export function joined(all: Simple[]): Condition {
  const plain = all.map(({ key: _, ...c }) => c);
  return plain.length === 0 ? {} : plain.length === 1 ? plain[0]! : { all: plain };
}
