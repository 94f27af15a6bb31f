import { Trans, useLingui } from "@lingui/react/macro";
import { Select, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { ConditionTree } from "~/features/automation/ConditionTree";
import { closed, opened } from "~/features/automation/conditions";
import { useArrivalFields } from "~/features/automation/fields";
import { UserSelect } from "~/parts/people";
import { NamedForm } from "./NamedForm";
import type { Rule } from "./Rules";
import { assignments } from "./strings";

export function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const [values, setValues] = useState({ name: rule.name, active: rule.active, then: rule.then });
  const [when, setWhen] = useState(() => opened(rule.when));
  const fields = useArrivalFields();
  const departments =
    useQuery({ queryKey: ["departments"], queryFn: async () => (await ok(api.GET("/api/v1/departments"))).items })
      .data ?? [];
  const setThen = (change: Partial<Rule["then"]>) => setValues((v) => ({ ...v, then: { ...v.then, ...change } }));
  const body = { ...values, when: closed(when) };
  return (
    <NamedForm
      wide
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
      <ConditionTree of={when} fields={fields} onChange={setWhen} />
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
      {["department", "next_available", "least_busy"].includes(values.then.assign) && (
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
