import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Alert, Badge, Button, Stack } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { unchosen } from "~/app/unchosen";
import { word } from "~/app/words";
import { useArrivalFields } from "~/features/automation/fields";
import { useConditionWords } from "~/features/automation/words";
import { DeleteButton } from "~/parts/deeds";
import { DryRun } from "./DryRun";
import { swapped } from "./Pipelines";
import { Row, Rows, Section, useDo } from "./parts";
import { RuleForm } from "./RuleForm";
import classes from "./Settings.module.css";
import { assignments } from "./strings";

export type Rule = components["schemas"]["Rule"];

const key = ["rules"];
export const freshRule: Rule = {
  id: "",
  name: "",
  active: true,
  position: 0,
  when: {},
  then: { create: true, assign: "admin" },
};

/** To whom unknown callers and writers go: the first rule that fits wins. */
export function Rules() {
  const [edited, setEdited] = useState<Rule>();
  const rules = useQuery({ queryKey: key, queryFn: read }).data ?? [];
  const order = useDo((ids: string[]) => ok(api.POST("/api/v1/rules/order", { body: { ids } })), [key]);
  const move = (at: number, by: number) => order.mutate(swapped(rules, at, at + by).map((r) => r.id));
  return (
    <Section
      title={<Trans>Rules for new clients</Trans>}
      about={
        <Trans>Whoever is not known yet goes through these, from top to bottom. The first that fits decides.</Trans>
      }
      action={
        <Button onClick={() => setEdited(freshRule)}>
          <Trans>Add a rule</Trans>
        </Button>
      }
    >
      <Unchosen rule={unchosen(rules)} onEdit={setEdited} />
      <Rows<Rule>
        queryKey={key}
        read={read}
        none={<Trans>No rule yet: new clients go to an administrator.</Trans>}
        row={(r) => (
          <RuleRow
            key={r.id}
            rule={r}
            at={rules.findIndex((x) => x.id === r.id)}
            count={rules.length}
            onMove={move}
            onEdit={() => setEdited(r)}
          />
        )}
      />
      <DryRun />
      {edited && <RuleForm rule={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

/** Says that nobody was chosen for new clients yet. */
function Unchosen({ rule, onEdit }: { rule: Rule | undefined; onEdit: (rule: Rule) => void }) {
  if (!rule) return null;
  return (
    <Alert color="yellow" title={<Trans>Nobody is rung for new clients yet: choose</Trans>}>
      <Stack gap="xs" align="flex-start">
        <Trans>Until then their calls ring only where the number leads, and an administrator keeps their leads.</Trans>
        <Button size="xs" onClick={() => onEdit(rule)}>
          <Trans>Choose who gets them</Trans>
        </Button>
      </Stack>
    </Alert>
  );
}

async function read(): Promise<Rule[]> {
  return (await ok(api.GET("/api/v1/rules"))).items;
}

type RowProps = { rule: Rule; at: number; count: number; onMove: (at: number, by: number) => void; onEdit: () => void };

function RuleRow({ rule, at, count, onMove, onEdit }: RowProps) {
  const { t } = useLingui();
  const say = useConditionWords(useArrivalFields());
  const remove = useDo(() => ok(api.DELETE("/api/v1/rules/{id}", { params: { path: { id: rule.id } } })), [key]);
  return (
    <Row
      title={`${at + 1}. ${rule.name}`}
      detail={
        <>
          {say(rule.when) || <Trans>Everybody</Trans>} → <ThenText rule={rule} />
        </>
      }
    >
      {!rule.active && (
        <Badge color="gray">
          <Trans>Switched off</Trans>
        </Badge>
      )}
      <ActionIcon aria-label={t`Up`} disabled={at === 0} onClick={() => onMove(at, -1)}>
        <IconArrowUp className={classes.icon} />
      </ActionIcon>
      <ActionIcon aria-label={t`Down`} disabled={at === count - 1} onClick={() => onMove(at, 1)}>
        <IconArrowDown className={classes.icon} />
      </ActionIcon>
      <Button variant="default" data-open onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
      <DeleteButton onDelete={() => remove.mutate()} />
    </Row>
  );
}

function ThenText({ rule: { then } }: { rule: Rule }) {
  const users = useUsers();
  const departments =
    useQuery({ queryKey: ["departments"], queryFn: async () => (await ok(api.GET("/api/v1/departments"))).items })
      .data ?? [];
  const who = users.find((u) => u.id === then.user)?.name ?? departments.find((d) => d.id === then.department)?.name;
  if (!then.create) return <Trans>no lead</Trans>;
  return (
    <>
      <Trans>a lead</Trans> {word(assignments, then.assign)}
      {who && `: ${who}`}
    </>
  );
}
