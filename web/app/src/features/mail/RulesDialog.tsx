import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Modal, Stack, Switch, Tabs, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useState } from "react";
import { attempt } from "~/app/live";
import { DeleteButton } from "~/parts/deeds";
import { LateRows } from "~/parts/Late";
import { AwayForm } from "./AwayForm";
import classes from "./Composer.module.css";
import type { Mailbox } from "./queries";
import { RuleForm } from "./RuleForm";
import { type Rule, saveRules, useAway, useRules } from "./rules";

/** What a mailbox does with the mail that comes. */
export default function RulesDialog({ box, onClose }: { box: Mailbox; onClose: () => void }) {
  const { t } = useLingui();
  const away = useAway(box.id).data;
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t`What happens to mail for ${box.address}`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Tabs defaultValue="rules">
        <Tabs.List mb="sm">
          <Tabs.Tab value="rules">
            <Trans>Rules for mail</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="away">
            <Trans>Away</Trans>
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          <Rules box={box} />
        </Tabs.Panel>
        <Tabs.Panel value="away">
          {away ? <AwayForm mailbox={box.id} away={away} /> : <LateRows count={3} />}
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

const fresh: Rule = { name: "", active: true, if: { op: "all", of: [] }, then: {} };

function Rules({ box }: { box: Mailbox }) {
  const { data: rules } = useRules(box.id);
  const [edited, setEdited] = useState<number>();
  if (!rules) return <LateRows count={3} />;
  const save = (list: Rule[]) => saveRules(box.id, list);
  if (edited !== undefined)
    return (
      <RuleForm
        mailbox={box.id}
        rule={rules[edited] ?? fresh}
        onSave={(rule) => save(rules[edited] ? rules.with(edited, rule) : [...rules, rule])}
        onDone={() => setEdited(undefined)}
      />
    );
  return (
    <Stack gap="sm">
      {rules.length === 0 && (
        <Text c="dimmed">
          <Trans>None yet. A rule moves, marks or sends on mail as it comes, such as all of a mailing list.</Trans>
        </Text>
      )}
      {rules.map((rule, at) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place
          key={at}
          rule={rule}
          onChange={(rule) => attempt(save(rules.with(at, rule)))}
          onEdit={() => setEdited(at)}
          onDelete={() => attempt(save(rules.toSpliced(at, 1)))}
          onUp={at > 0 ? () => attempt(save(rules.with(at, rules[at - 1]!).with(at - 1, rule))) : undefined}
          onDown={
            at < rules.length - 1 ? () => attempt(save(rules.with(at, rules[at + 1]!).with(at + 1, rule))) : undefined
          }
        />
      ))}
      <Group>
        <Button onClick={() => setEdited(rules.length)}>
          <Trans>Add a rule</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

type LineProps = {
  rule: Rule;
  onChange: (rule: Rule) => void;
  onEdit: () => void;
  onDelete: () => void;
  onUp?: () => void;
  onDown?: () => void;
};

function Line({ rule, onChange, onEdit, onDelete, onUp, onDown }: LineProps) {
  const { t } = useLingui();
  return (
    <Group gap="xs" wrap="nowrap">
      <Switch
        aria-label={t`Follow ${rule.name}`}
        checked={rule.active}
        onChange={(e) => onChange({ ...rule, active: e.currentTarget.checked })}
      />
      <Text flex={1} truncate>
        {rule.name}
      </Text>
      <ActionIcon variant="subtle" color="gray" aria-label={t`Move up`} disabled={!onUp} onClick={onUp}>
        <IconArrowUp className={classes.icon} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={t`Move down`} disabled={!onDown} onClick={onDown}>
        <IconArrowDown className={classes.icon} />
      </ActionIcon>
      <Button variant="default" onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
      <DeleteButton onDelete={onDelete} />
    </Group>
  );
}
