import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Alert, Button, Group, SegmentedControl, Stack, Switch, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Kind, ok, type Ref } from "~/api";
import { usePipelines } from "~/api/queries";
import type { components } from "~/api/schema";
import { cards } from "~/app/card";
import { offer } from "~/app/notify";
import { type Words, word } from "~/app/words";
import { swapped } from "~/features/settings/Pipelines";
import { Row, Section, useDo } from "~/features/settings/parts";
import classes from "~/features/settings/Settings.module.css";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import { didText } from "./did";
import { RuleEditor } from "./RuleEditor";
import { type Rule, readRules, rulesKey, useRuleWords } from "./words";

type Run = components["schemas"]["Run"];

const fresh: Rule = {
  id: "",
  name: "",
  position: 0,
  active: true,
  kind: "deal",
  on: { what: "entered" },
  when: {},
  then: [],
  stopped: "",
};

const place = "{name}"; // of the record

const keep = (r: Rule) =>
  r.id
    ? ok(api.PUT("/api/v1/automation/rules/{id}", { params: { path: { id: r.id } }, body: r }))
    : ok(api.POST("/api/v1/automation/rules", { body: r }));

/** What happens by itself: the rules, and what they did. */
export function Automation() {
  const { data, error, refetch } = useQuery({ queryKey: rulesKey, queryFn: readRules });
  const [edited, setEdited] = useState<Rule>();
  const rules = data ?? [];
  const order = useDo((ids: string[]) => ok(api.POST("/api/v1/automation/rules/order", { body: { ids } })), [rulesKey]);
  return (
    <>
      <Section
        title={<Trans>Automation</Trans>}
        about={
          <Trans>
            What happens by itself with leads, deals, contacts and companies. All rules that fit act, in order.
          </Trans>
        }
        action={
          <Button onClick={() => setEdited(fresh)}>
            <Trans>Add a rule</Trans>
          </Button>
        }
      >
        {rules
          .filter((r) => r.stopped)
          .map((r) => (
            <StoppedRule key={r.id} rule={r} onEdit={() => setEdited(r)} />
          ))}
        {error && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <LateRows count={3} />}
        {data && !data.length && <Examples />}
        {rules.length > 0 && (
          <ul className={classes.rows}>
            {rules.map((r, at) => (
              <RuleRow
                key={r.id}
                rule={r}
                at={at}
                count={rules.length}
                onMove={(by) => order.mutate(swapped(rules, at, at + by).map((x) => x.id))}
                onEdit={() => setEdited(r)}
              />
            ))}
          </ul>
        )}
        {edited && <RuleEditor rule={edited} onClose={() => setEdited(undefined)} />}
      </Section>
      {rules.length > 0 && <RunLog />}
    </>
  );
}

/** Says why a rule was switched off by itself, and what to do. */
function StoppedRule({ rule, onEdit }: { rule: Rule; onEdit: () => void }) {
  const about = rule.stopped_by;
  const name = about?.name || "—";
  return (
    <Alert color="red" title={<Trans>“{rule.name}” was switched off</Trans>}>
      <Stack gap="xs" align="flex-start">
        {rule.stopped === "loop" ? (
          <Trans>
            It set itself off again and again with {name}, by itself or by way of other rules. Change what sets it off
            or what it does, then switch it on.
          </Trans>
        ) : (
          <Trans>
            It ran more than a hundred times in an hour with {name}. Narrow its condition, then switch it on.
          </Trans>
        )}
        <Group gap="xs">
          <Button size="xs" onClick={onEdit}>
            <Trans>Edit</Trans>
          </Button>
          {about && (
            <Button size="xs" variant="default" onClick={() => cards.show({ kind: about.kind, id: about.id } as Ref)}>
              <Trans>Show the card</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

type RowProps = { rule: Rule; at: number; count: number; onMove: (by: number) => void; onEdit: () => void };

function RuleRow({ rule, at, count, onMove, onEdit }: RowProps) {
  const { t } = useLingui();
  const save = useDo(keep, [rulesKey]);
  const remove = useDo(
    async () => {
      await ok(api.DELETE("/api/v1/automation/rules/{id}", { params: { path: { id: rule.id } } }));
    },
    [rulesKey],
    () => offer(msg`Rule deleted`, () => save.mutate({ ...rule, id: "" })),
  );
  return (
    <Row title={`${at + 1}. ${rule.name}`} detail={<RuleText rule={rule} />}>
      <Switch
        aria-label={t`In use: ${rule.name}`}
        checked={rule.active}
        onChange={(e) => save.mutate({ ...rule, active: e.currentTarget.checked })}
      />
      <Group gap="xs" wrap="nowrap">
        <ActionIcon aria-label={t`Up: ${rule.name}`} disabled={at === 0} onClick={() => onMove(-1)}>
          <IconArrowUp className={classes.icon} />
        </ActionIcon>
        <ActionIcon aria-label={t`Down: ${rule.name}`} disabled={at === count - 1} onClick={() => onMove(1)}>
          <IconArrowDown className={classes.icon} />
        </ActionIcon>
        <Button variant="default" data-open onClick={onEdit}>
          <Trans>Edit</Trans>
        </Button>
        <Button variant="subtle" color="gray" onClick={() => remove.mutate()}>
          <Trans>Delete</Trans>
        </Button>
      </Group>
    </Row>
  );
}

/** A rule as a sentence. */
export function RuleText({ rule }: { rule: Rule }) {
  const { trigger, condition, effect } = useRuleWords(rule.kind as Kind);
  const when = condition(rule.when ?? {});
  return (
    <>
      {trigger(rule)}
      {when && (
        <>
          , <Trans>if</Trans> {when}
        </>
      )}{" "}
      → {rule.then?.map(effect).join(", ")}
    </>
  );
}

/** Rules that others began with: one click makes each. */
function Examples() {
  const { t } = useLingui();
  const pipelines = usePipelines();
  const won = pipelines.flatMap((p) => p.stages).filter((s) => s.kind === "won");
  const lost = pipelines.flatMap((p) => p.stages).filter((s) => s.kind === "lost");
  const responsible = { who: "responsible" as const };
  const make = useDo(keep, [rulesKey]);
  const examples: Rule[] = [
    {
      ...fresh,
      name: t`Won deals are followed up`,
      on: { what: "entered", stages: won.map((s) => s.id) },
      then: [
        {
          do: "task",
          to: responsible,
          title: t`Thank the client of ${place} and send the invoice`,
          in: 1,
          unit: "days",
        },
      ],
    },
    {
      ...fresh,
      kind: "lead",
      name: t`New leads are called back the same day`,
      on: { what: "made" },
      then: [{ do: "task", to: responsible, title: t`Call ${place}`, in: 4, unit: "hours" }],
    },
    {
      ...fresh,
      name: t`Lost deals are asked again in three months`,
      on: { what: "entered", stages: lost.map((s) => s.id) },
      then: [{ do: "task", to: responsible, title: t`Ask again about ${place}`, in: 90, unit: "days" }],
    },
  ];
  return (
    <Stack gap="sm">
      <Text c="dimmed">
        <Trans>Nothing happens by itself yet. Begin with one of these, and change it as you like:</Trans>
      </Text>
      <ul className={classes.rows}>
        {examples.map((r) => (
          <Row key={r.name} title={r.name} detail={<RuleText rule={r} />}>
            <Button variant="default" loading={make.isPending} onClick={() => make.mutate(r)}>
              <Trans>Use this one</Trans>
            </Button>
          </Row>
        ))}
      </ul>
    </Stack>
  );
}

const runStates: Words = {
  waiting: msg`waiting`,
  done: msg`done`,
  failed: msg`failed`,
  stopped: msg`stopped`,
  skipped: msg`not needed`,
};

/** What rules did, and could not do. */
function RunLog() {
  const { t } = useLingui();
  const [which, setWhich] = useState("");
  const log = useInfiniteQuery({
    queryKey: ["automation-log", which],
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/api/v1/automation/log", {
          params: { query: { state: (which || undefined) as "failed", after: pageParam || undefined, limit: 20 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
  const runs = log.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section
      title={<Trans>What the rules did</Trans>}
      action={
        <SegmentedControl
          size="xs"
          aria-label={t`Which`}
          value={which}
          onChange={setWhich}
          data={[
            { value: "", label: t`All` },
            { value: "failed", label: t`Failures` },
          ]}
        />
      }
    >
      <ul className={classes.rows} data-testid="automation-log">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
        {log.data && !runs.length && (
          <li className={classes.none}>
            {which ? <Trans>No failure.</Trans> : <Trans>Nothing yet. What rules do appears here.</Trans>}
          </li>
        )}
      </ul>
      {log.hasNextPage && (
        <Group>
          <Button variant="subtle" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            <Trans>Earlier</Trans>
          </Button>
        </Group>
      )}
    </Section>
  );
}

const meanings = { done: "live", failed: "bad", stopped: "bad", waiting: "wait", skipped: "off" } as const;

function RunRow({ run }: { run: Run }) {
  return (
    <li className={classes.row} {...step}>
      <div className={classes.rowText}>
        <Text truncate>
          <Text span fw={500}>
            {run.name}
          </Text>{" "}
          ·{" "}
          <Button variant="transparent" size="compact-sm" p={0} onClick={() => cards.show(run.record as Ref)}>
            {run.called || "—"}
          </Button>
        </Text>
        <Text c="dimmed" size="xs">
          {run.problem && run.state === "failed" ? run.problem : didText(run.did)}
        </Text>
      </div>
      <Text size="xs" c="dimmed">
        <When at={run.at} />
      </Text>
      <State is={meanings[run.state]}>{word(runStates, run.state)}</State>
    </li>
  );
}
