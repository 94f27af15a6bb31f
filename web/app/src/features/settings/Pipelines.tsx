import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { api, ok, type Pipeline } from "~/api";
import type { components } from "~/api/schema";
import { NamedForm } from "./NamedForm";
import { Row, Rows, Section } from "./parts";
import classes from "./Settings.module.css";
import { stageKinds } from "./strings";

type Stage = components["schemas"]["StageInput"];

/** The stages deals go through. */
export function Pipelines() {
  const { t } = useLingui();
  const [edited, setEdited] = useState<Partial<Pipeline>>();
  const fresh = {
    name: "",
    stages: [
      { id: "", name: t`New`, kind: "open" },
      { id: "", name: t`Won`, kind: "won" },
      { id: "", name: t`Lost`, kind: "lost" },
    ],
  };
  return (
    <Section
      title={<Trans>Pipelines</Trans>}
      about={<Trans>The stages a deal goes through, from the first talk to won or lost.</Trans>}
      action={
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a pipeline</Trans>
        </Button>
      }
    >
      <Rows<Pipeline>
        queryKey={["pipelines"]}
        read={async () => (await ok(api.GET("/api/v1/pipelines"))).items}
        none={<Trans>No pipeline yet.</Trans>}
        row={(p) => (
          <Row key={p.id} title={p.name} detail={p.stages.map((s) => s.name).join(" → ")}>
            <Button variant="default" data-open onClick={() => setEdited(p)}>
              <Trans>Edit</Trans>
            </Button>
          </Row>
        )}
      />
      {edited && <PipelineForm pipeline={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function PipelineForm({ pipeline, onClose }: { pipeline: Partial<Pipeline>; onClose: () => void }) {
  const [name, setName] = useState(pipeline.name ?? "");
  const [stages, setStages] = useState<(Stage & { key: number })[]>(() =>
    (pipeline.stages ?? []).map((s, key) => ({ ...(s as Stage), key })),
  );
  const body = {
    name,
    stages: stages.map(({ id, name: stage, kind }) => ({ id: id || undefined, name: stage, kind })),
  };
  const move = (from: number, to: number) => setStages((all) => swapped(all, from, to));
  const change = (at: number, s: Partial<Stage>) =>
    setStages((all) => all.map((x, i) => (i === at ? { ...x, ...s } : x)));
  return (
    <NamedForm
      of={{ id: pipeline.id ?? "", name: pipeline.name ?? "" }}
      add={<Trans>Add a pipeline</Trans>}
      name={name}
      onName={setName}
      make={() => ok(api.POST("/api/v1/pipelines", { body }))}
      change={(path) => ok(api.PUT("/api/v1/pipelines/{id}", { params: { path }, body }))}
      keys={[["pipelines"]]}
      onClose={onClose}
    >
      <Text fw={500}>
        <Trans>Stages</Trans>
      </Text>
      <Stack gap="xs">
        {stages.map((s, i) => (
          <StageRow
            key={s.key}
            stage={s}
            first={i === 0}
            last={i === stages.length - 1}
            onChange={(c) => change(i, c)}
            onMove={(by) => move(i, i + by)}
            onRemove={() => setStages((all) => all.filter((x) => x !== s))}
          />
        ))}
      </Stack>
      <Group>
        <Button
          variant="default"
          onClick={() => setStages((all) => [...all, { name: "", kind: "open", key: Date.now() }])}
        >
          <Trans>Add a stage</Trans>
        </Button>
      </Group>
    </NamedForm>
  );
}

type StageRowProps = {
  stage: Stage;
  first: boolean;
  last: boolean;
  onChange: (c: Partial<Stage>) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
};

function StageRow({ stage, first, last, onChange, onMove, onRemove }: StageRowProps) {
  const { t, i18n } = useLingui();
  return (
    <Group gap="xs" wrap="nowrap">
      <TextInput
        size="xs"
        flex={1}
        required
        aria-label={t`Name of the stage`}
        value={stage.name}
        onChange={(e) => onChange({ name: e.currentTarget.value })}
      />
      <Select
        size="xs"
        w="var(--fd-label)"
        aria-label={t`Kind`}
        value={stage.kind}
        data={Object.entries(stageKinds).map(([value, word]) => ({ value, label: i18n._(word) }))}
        onChange={(v) => onChange({ kind: v as Stage["kind"] })}
      />
      <ActionIcon aria-label={t`Up`} disabled={first} onClick={() => onMove(-1)}>
        <IconArrowUp className={classes.icon} />
      </ActionIcon>
      <ActionIcon aria-label={t`Down`} disabled={last} onClick={() => onMove(1)}>
        <IconArrowDown className={classes.icon} />
      </ActionIcon>
      <ActionIcon aria-label={t`Remove`} onClick={onRemove}>
        <IconX className={classes.icon} />
      </ActionIcon>
    </Group>
  );
}

/** The list with two places changed. */
export function swapped<T>(all: T[], a: number, b: number): T[] {
  const next = [...all];
  [next[a], next[b]] = [next[b]!, next[a]!];
  return next;
}
