import { Trans, useLingui } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Menu,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowUp, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, type Kind, ok, plural } from "~/api";
import type { components } from "~/api/schema";
import { explain } from "~/app/notify";
import { word } from "~/app/words";
import { FieldInput } from "~/features/fields/FieldInput";
import { nameOf, useFields } from "~/features/fields/fields";
import { swapped } from "~/features/settings/Pipelines";
import { useSave } from "~/features/settings/parts";
import { FormDialog } from "~/parts/FormDialog";
import { UserSelect } from "~/parts/people";
import { State } from "~/parts/State";
import { ConditionTree } from "./ConditionTree";
import { closed, opened } from "./conditions";
import { didText } from "./did";
import { useConditionFields, useDepartments } from "./fields";
import classes from "./RuleEditor.module.css";
import {
  type Effect,
  effects,
  type Rule,
  rulesKey,
  subjects,
  type Trigger,
  traits,
  traitsOf,
  triggers,
  useCallingLists,
  useStages,
  useWebhooks,
  type Whom,
  whoms,
} from "./words";

type Kept = Effect & { key: number };
let keys = 0;

/** Where the name of the record is put. */
const place = "{name}";

/** The form of a rule: what sets it off, on which condition, and what it does. */
export function RuleEditor({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(rule.name);
  const [active, setActive] = useState(rule.active || !!rule.stopped);
  const [kind, setKind] = useState(rule.kind as Kind);
  const [on, setOn] = useState<Trigger>(rule.on);
  const [when, setWhen] = useState(() => opened(rule.when ?? {}));
  const [then, setThen] = useState<Kept[]>(() => (rule.then ?? []).map((e) => ({ ...e, key: ++keys })));
  const fields = useConditionFields(kind);
  const body: Rule = { ...rule, name, active, kind, on, when: closed(when), then: then.map(({ key: _, ...e }) => e) };
  const save = useSave(
    () =>
      rule.id
        ? ok(api.PUT("/api/v1/automation/rules/{id}", { params: { path: { id: rule.id } }, body }))
        : ok(api.POST("/api/v1/automation/rules", { body })),
    [rulesKey],
    onClose,
  );
  const choose = (next: Kind) => {
    setKind(next);
    setOn({ what: on.what === "entered" || on.what === "left" ? "made" : on.what });
    setWhen(opened({}));
    setThen(then.filter((e) => e.do !== "move" && e.do !== "set"));
  };
  return (
    <FormDialog
      wide
      opened
      onClose={onClose}
      title={rule.id ? rule.name : <Trans>Add a rule</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t({ message: "Name", context: "thing" })}
        required
        data-autofocus
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <Part title={<Trans>When</Trans>}>
        <TriggerEdit kind={kind} on={on} onKind={choose} onChange={setOn} />
      </Part>
      <Part title={<Trans>If</Trans>}>
        <ConditionTree of={when} fields={fields} onChange={setWhen} />
        <TestLine kind={kind} body={body} />
      </Part>
      <Part title={<Trans>Then</Trans>}>
        <Effects kind={kind} all={then} onChange={setThen} />
      </Part>
      <Part title={<Trans>Try it</Trans>}>
        <TryLine kind={kind} body={body} ready={then.length > 0 && !!name.trim()} />
      </Part>
      <Switch label={t`In use`} checked={active} onChange={(e) => setActive(e.currentTarget.checked)} />
    </FormDialog>
  );
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="xs">
      <Text fw={500}>{title}</Text>
      {children}
    </Stack>
  );
}

type TriggerProps = { kind: Kind; on: Trigger; onKind: (kind: Kind) => void; onChange: (on: Trigger) => void };

function TriggerEdit({ kind, on, onKind, onChange }: TriggerProps) {
  const { t, i18n } = useLingui();
  const stages = useStages(kind);
  const own = useFields(kind);
  const staged = kind === "deal" || kind === "lead";
  const whats = Object.keys(triggers).filter((w) => staged || (w !== "entered" && w !== "left"));
  return (
    <>
      <Group gap="xs" grow>
        <Select
          size="xs"
          aria-label={t`Kind of record`}
          allowDeselect={false}
          data={Object.entries(subjects).map(([value, w]) => ({ value, label: i18n._(w) }))}
          value={kind}
          onChange={(v) => v && onKind(v as Kind)}
        />
        <Select
          size="xs"
          aria-label={t`What happens`}
          allowDeselect={false}
          data={whats.map((value) => ({ value, label: word(triggers, value) }))}
          value={on.what}
          onChange={(v) => v && onChange({ what: v as Trigger["what"] })}
        />
      </Group>
      {(on.what === "entered" || on.what === "left") && (
        <MultiSelect
          size="xs"
          aria-label={t`Stages`}
          placeholder={on.stages?.length ? undefined : t`Any stage`}
          searchable
          data={stages}
          value={on.stages ?? []}
          onChange={(list) => onChange({ ...on, stages: list })}
        />
      )}
      {on.what === "changed" && (
        <MultiSelect
          size="xs"
          aria-label={t`Fields`}
          placeholder={on.fields?.length ? undefined : t`Anything`}
          searchable
          data={[
            ...traitsOf[kind].map((value) => ({ value, label: word(traits, value) })),
            ...own.map((f) => ({ value: f.id, label: nameOf(f) })),
          ]}
          value={on.fields ?? []}
          onChange={(list) => onChange({ ...on, fields: list })}
        />
      )}
      {on.what === "made" && (
        <Checkbox
          size="xs"
          label={<Trans>Also for those that an import brings in</Trans>}
          checked={on.imported ?? false}
          onChange={(e) => onChange({ ...on, imported: e.currentTarget.checked })}
        />
      )}
    </>
  );
}

function Effects({ kind, all, onChange }: { kind: Kind; all: Kept[]; onChange: (all: Kept[]) => void }) {
  const { t, i18n } = useLingui();
  const staged = kind === "deal" || kind === "lead";
  const fresh = (what: string): Kept => ({
    key: ++keys,
    do: what as Effect["do"],
    ...((what === "task" || what === "notify" || what === "assign") && {
      to: { who: what === "assign" ? "user" : "responsible" } as Whom,
    }),
    ...(what === "task" && { title: "", in: 1, unit: "days" as const }),
  });
  return (
    <>
      {all.map((e, i) => (
        <fieldset key={e.key} className={classes.effect} aria-label={word(effects, e.do)}>
          <div className={classes.head}>
            <Text size="sm">
              {i + 1}. {word(effects, e.do)}
            </Text>
            <ActionIcon aria-label={t`Up`} disabled={i === 0} onClick={() => onChange(swapped(all, i, i - 1))}>
              <IconArrowUp className={classes.icon} />
            </ActionIcon>
            <ActionIcon aria-label={t`Remove`} onClick={() => onChange(all.filter((x) => x !== e))}>
              <IconX className={classes.icon} />
            </ActionIcon>
          </div>
          <EffectEdit
            kind={kind}
            of={e}
            onChange={(next) => onChange(all.map((x) => (x === e ? { ...e, ...next } : x)))}
          />
        </fieldset>
      ))}
      <Group>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default">
              <Trans>Add an action</Trans>
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {Object.entries(effects)
              .filter(([what]) => staged || what !== "move")
              .map(([what, w]) => (
                <Menu.Item key={what} onClick={() => onChange([...all, fresh(what)])}>
                  {i18n._(w)}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </>
  );
}

type EffectProps = { kind: Kind; of: Effect; onChange: (change: Partial<Effect>) => void };

function EffectEdit({ kind, of: e, onChange }: EffectProps) {
  const { t } = useLingui();
  const stages = useStages(kind);
  const fields = useFields(kind);
  const hooks = useWebhooks();
  const lists = useCallingLists();
  const field = fields.find((f) => f.id === e.field);
  switch (e.do) {
    case "assign":
      return <WhomEdit of={e.to} onChange={(to) => onChange({ to })} without={["responsible", "department"]} />;
    case "set":
      return (
        <Group gap="xs" grow>
          <Select
            size="xs"
            aria-label={t`Field`}
            required
            searchable
            data={fields.map((f) => ({ value: f.id, label: nameOf(f) }))}
            value={e.field ?? null}
            onChange={(id) => onChange({ field: id ?? undefined, values: [] })}
          />
          {field && (
            <FieldInput
              key={field.id}
              field={field}
              label={t`Value`}
              values={e.values ?? []}
              onChange={(values) => onChange({ values })}
            />
          )}
        </Group>
      );
    case "move":
      return (
        <Select
          size="xs"
          aria-label={t`Stage`}
          required
          data={stages.filter((s) => s.value !== "converted")}
          value={e.stage ?? null}
          onChange={(stage) => onChange({ stage: stage ?? undefined })}
        />
      );
    case "tag":
      return (
        <TagsInput
          size="xs"
          aria-label={t`Tags`}
          acceptValueOnBlur
          value={e.values ?? []}
          onChange={(values) => onChange({ values })}
        />
      );
    case "task":
    case "notify":
      return <SaidEdit of={e} onChange={onChange} />;
    case "webhook":
      return (
        <Select
          size="xs"
          aria-label={t`Webhook`}
          required
          data={hooks.map((h) => ({ value: h.id, label: h.name }))}
          nothingFoundMessage={t`There is none yet: add one in Settings → Integrations`}
          value={e.webhook ?? null}
          onChange={(webhook) => onChange({ webhook: webhook ?? undefined })}
        />
      );
    case "list":
      return (
        <Select
          size="xs"
          aria-label={t`Calling list`}
          required
          data={lists
            .filter((l) => l.kind === kind || (kind === "deal" && l.kind !== "lead"))
            .map((l) => ({ value: l.id, label: l.name }))}
          nothingFoundMessage={t`There is none yet: add one under Calling`}
          value={e.list ?? null}
          onChange={(list) => onChange({ list: list ?? undefined })}
        />
      );
  }
  return null;
}

/** What is said to somebody: a task, or a notice. */
function SaidEdit({ of: e, onChange }: Omit<EffectProps, "kind">) {
  const { t } = useLingui();
  return (
    <>
      <TextInput
        size="xs"
        required
        aria-label={e.do === "task" ? t`Task` : t`What is said`}
        placeholder={e.do === "task" ? t`Call ${place}` : t`${place} is won`}
        description={<Trans>{place} becomes the name of the record</Trans>}
        value={e.title ?? ""}
        onChange={(ev) => onChange({ title: ev.currentTarget.value })}
      />
      <WhomEdit of={e.to} onChange={(to) => onChange({ to })} without={e.do === "task" ? ["department"] : []} />
      {e.do === "task" && (
        <Group gap="xs">
          <NumberInput
            size="xs"
            w="var(--fd-label)"
            aria-label={t`Due in`}
            min={0}
            max={3650}
            prefix={`${t`due in`} `}
            value={e.in ?? 0}
            onChange={(v) => onChange({ in: Number(v) || 0 })}
          />
          <Select
            size="xs"
            w="var(--fd-label)"
            aria-label={t`Unit`}
            allowDeselect={false}
            data={[
              { value: "hours", label: t`hours` },
              { value: "days", label: t`days` },
            ]}
            value={e.unit || "days"}
            onChange={(unit) => onChange({ unit: unit as Effect["unit"] })}
          />
        </Group>
      )}
    </>
  );
}

type WhomProps = { of: Whom | undefined; onChange: (of: Whom) => void; without?: string[] };

export function WhomEdit({ of = { who: "responsible" }, onChange, without = [] }: WhomProps) {
  const { t } = useLingui();
  const departments = useDepartments();
  const several = of.who === "next_available" || of.who === "least_busy" || of.who === "department";
  return (
    <Group gap="xs" grow>
      <Select
        size="xs"
        aria-label={t`Who`}
        allowDeselect={false}
        data={Object.keys(whoms)
          .filter((w) => !without.includes(w))
          .map((value) => ({ value, label: word(whoms, value) }))}
        value={of.who}
        onChange={(who) => who && onChange({ who: who as Whom["who"] })}
      />
      {of.who === "user" && (
        <UserSelect
          size="xs"
          aria-label={t`Colleague`}
          required
          value={of.user ?? null}
          onChange={(user) => onChange({ ...of, user: user ?? undefined })}
        />
      )}
      {several && (
        <Select
          size="xs"
          aria-label={t`Department`}
          required
          data={departments.map((d) => ({ value: d.id, label: d.name }))}
          value={of.department ?? null}
          onChange={(department) => onChange({ ...of, department: department ?? undefined })}
        />
      )}
    </Group>
  );
}

/** For how many of the newest records the condition holds. */
function TestLine({ kind, body }: { kind: Kind; body: Rule }) {
  const test = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/automation/test", { body: { kind, when: body.when ?? {} } })),
  });
  const { of = 0, matched = 0, records } = test.data ?? {};
  return (
    <Group gap="sm">
      <Button variant="subtle" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
        <Trans>Test on the newest records</Trans>
      </Button>
      {test.error && <State is="bad">{explain(test.error)}</State>}
      {test.data && (
        <Text size="sm" c="dimmed" role="status">
          <Trans>
            It would have held for {matched} of the newest {of}
          </Trans>
          {records &&
            records.length > 0 &&
            `: ${records
              .slice(0, 3)
              .map((r) => r.name)
              .join(", ")}${records.length > 3 ? " …" : ""}`}
        </Text>
      )}
    </Group>
  );
}

type Hit = { id: string; title?: string; name?: string };

/** What the rule would do with a record that one chooses; nothing is changed. */
function TryLine({ kind, body, ready }: { kind: Kind; body: Rule; ready: boolean }) {
  const { t } = useLingui();
  const [q, setQ] = useState("");
  const found = useQuery({
    queryKey: [kind, "try", q],
    queryFn: async () =>
      (await ok(api.GET(`/api/v1/${plural[kind]}`, { params: { query: { q: q || undefined, limit: 20 } } })))
        .items as Hit[],
  });
  const run = useMutation({
    mutationFn: (record: string) =>
      ok(api.POST("/api/v1/automation/try", { body: { rule: { ...body, then: body.then }, record } })),
  });
  const result: components["schemas"]["Foreseen"] | undefined = run.data;
  return (
    <Stack gap="xs" data-testid="try">
      <Select
        size="xs"
        aria-label={t`Record to try it with`}
        placeholder={ready ? t`What would it do with …` : t`Give it a name and an action first`}
        disabled={!ready}
        searchable
        openOnFocus={false}
        filter={({ options }) => options}
        data={(found.data ?? []).map((r) => ({ value: r.id, label: r.title || r.name || "—" }))}
        onSearchChange={setQ}
        onChange={(id) => id && run.mutate(id)}
      />
      {run.error && <State is="bad">{explain(run.error)}</State>}
      {result && (
        <State is={result.problem ? "bad" : result.matches ? "live" : "off"}>
          {result.problem ||
            (result.matches ? didText(result.would) : <Trans>Nothing: the condition does not hold</Trans>)}
        </State>
      )}
      {result && !result.problem && (
        <Text size="xs" c="dimmed">
          {result.why}
        </Text>
      )}
    </Stack>
  );
}
