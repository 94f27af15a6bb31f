import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { complain } from "~/app/notify";
import classes from "./Composer.module.css";
import { useFolderName } from "./Folders";
import { useFolders, useLabels } from "./queries";
import {
  type Action,
  conditionOf,
  fields,
  freshLine,
  type Line,
  linesOf,
  matches,
  type Op,
  ops,
  type Rule,
} from "./rules";

type Props = { mailbox: string; rule: Rule; onSave: (rule: Rule) => Promise<void>; onDone: () => void };

/** One rule: which mail it means, and what is done with it. */
export function RuleForm({ mailbox, rule, onSave, onDone }: Props) {
  const { t, i18n } = useLingui();
  const shown = linesOf(rule.if);
  const [name, setName] = useState(rule.name);
  const [op, setOp] = useState<Op>(shown?.op ?? "all");
  const [lines, setLines] = useState<Line[]>(shown?.lines.length ? shown.lines : [freshLine]);
  const [then, setThen] = useState<Action>(rule.then);
  const save = useMutation({
    mutationFn: () => onSave({ ...rule, name, if: shown ? conditionOf(op, lines) : rule.if, then }),
    onSuccess: onDone,
    onError: complain,
  });
  return (
    <Stack gap="sm">
      <TextInput label={t`Name`} data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
      {shown ? (
        <>
          <Select
            label={t`Mail of which is true`}
            value={op}
            data={Object.entries(ops).map(([value, label]) => ({ value, label: i18n._(label) }))}
            onChange={(v) => v && setOp(v as Op)}
          />
          {lines.map((line, at) => (
            <LineFields
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
              key={at}
              line={line}
              onChange={(line) => setLines(lines.with(at, line))}
              onRemove={lines.length > 1 ? () => setLines(lines.toSpliced(at, 1)) : undefined}
            />
          ))}
          <Group>
            <Button size="compact-xs" variant="default" onClick={() => setLines([...lines, freshLine])}>
              <Trans>Another condition</Trans>
            </Button>
          </Group>
        </>
      ) : (
        <Text c="dimmed">
          <Trans>This rule has conditions within conditions: they stay as they are.</Trans>
        </Text>
      )}
      <Deeds mailbox={mailbox} then={then} onChange={(change) => setThen({ ...then, ...change })} />
      <Group justify="flex-end" gap="sm">
        <Button variant="subtle" color="gray" onClick={onDone}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={save.isPending} disabled={!name.trim()} onClick={() => save.mutate()}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

type LineProps = { line: Line; onChange: (line: Line) => void; onRemove?: () => void };

function LineFields({ line, onChange, onRemove }: LineProps) {
  const { t, i18n } = useLingui();
  const set = (change: Partial<Line>) => onChange({ ...line, ...change });
  const size = line.field === "size";
  const choices = (words: typeof fields) =>
    Object.entries(words).map(([value, label]) => ({ value, label: i18n._(label) }));
  return (
    <Group gap="xs" wrap="wrap" align="center" role="group" aria-label={t`Condition`}>
      <Checkbox label={t`not`} checked={line.not} onChange={(e) => set({ not: e.currentTarget.checked })} />
      <Select
        size="xs"
        w={150}
        aria-label={t`What of it`}
        value={line.field}
        data={choices(fields)}
        onChange={(v) => v && set({ field: v })}
      />
      {line.field === "header" && (
        <TextInput
          size="xs"
          w={120}
          aria-label={t`Header field`}
          placeholder="X-Priority"
          value={line.header}
          onChange={(e) => set({ header: e.currentTarget.value })}
        />
      )}
      {!size && (
        <Select
          size="xs"
          w={120}
          aria-label={t`How`}
          value={line.match}
          data={choices(matches)}
          onChange={(v) => v && set({ match: v })}
        />
      )}
      {(size || line.match !== "exists") && (
        <TextInput
          size="xs"
          flex={1}
          miw={120}
          aria-label={t`Value`}
          value={line.value}
          onChange={(e) => set({ value: e.currentTarget.value })}
        />
      )}
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" aria-label={t`Remove the condition`} onClick={onRemove}>
          <IconX className={classes.icon} />
        </ActionIcon>
      )}
    </Group>
  );
}

type DeedsProps = { mailbox: string; then: Action; onChange: (change: Partial<Action>) => void };

function Deeds({ mailbox, then, onChange }: DeedsProps) {
  const { t } = useLingui();
  const name = useFolderName();
  const folders = useFolders(mailbox).data ?? [];
  const labels = useLabels(mailbox).data ?? [];
  return (
    <>
      <Group gap="sm" align="flex-end" grow>
        <Select
          clearable
          label={t`Move to a folder`}
          disabled={then.discard}
          value={then.folder || null}
          data={folders.filter((f) => f.name !== "INBOX").map((f) => ({ value: f.id, label: name(f) }))}
          onChange={(v) => onChange({ folder: v ?? undefined })}
        />
        <TagsInput
          label={t`Labels`}
          value={then.labels ?? []}
          data={labels}
          acceptValueOnBlur
          maxTags={20}
          onChange={(labels) => onChange({ labels })}
        />
      </Group>
      <TagsInput
        label={t`Send on to`}
        description={t`At most five addresses. What comes back, or goes round, is not sent on.`}
        value={then.forward ?? []}
        splitChars={[",", ";", " "]}
        acceptValueOnBlur
        maxTags={5}
        onChange={(forward) => onChange({ forward })}
      />
      <Group gap="md">
        <Check label={t`Mark as read`} on={then.seen} onChange={(seen) => onChange({ seen })} />
        <Check label={t`Flag`} on={then.flagged} onChange={(flagged) => onChange({ flagged })} />
        <Check label={t`Into Trash`} on={then.discard} onChange={(discard) => onChange({ discard })} />
        <Check label={t`No further rules`} on={then.stop} onChange={(stop) => onChange({ stop })} />
      </Group>
    </>
  );
}

function Check({ label, on, onChange }: { label: string; on: boolean | undefined; onChange: (on: boolean) => void }) {
  return <Checkbox label={label} checked={on ?? false} onChange={(e) => onChange(e.currentTarget.checked)} />;
}
