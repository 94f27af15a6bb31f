import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Code, Group, Modal, Select, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { complain, say } from "~/app/notify";
import { DeleteButton } from "~/parts/deeds";
import { LateRows } from "~/parts/Late";
import Editor from "./Editor";
import {
  deleteTemplate,
  type Signature,
  saveSignature,
  saveTemplate,
  type Template,
  useSignatures,
  useTemplates,
} from "./kit";
import { useMailboxes } from "./queries";

/** Keeps templates and signatures. */
export default function KitDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={<Trans>Templates and signatures</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Tabs defaultValue="templates">
        <Tabs.List mb="sm">
          <Tabs.Tab value="templates">
            <Trans>Templates</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="signatures">
            <Trans>Signatures</Trans>
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="templates">
          <Templates />
        </Tabs.Panel>
        <Tabs.Panel value="signatures">
          <Signatures />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

const fresh: Template = { id: "", name: "", subject: "", html: "", shared: false, owner: "" };

function Templates() {
  const { data: all } = useTemplates(true);
  const [edited, setEdited] = useState<Template>();
  const remove = useMutation({ mutationFn: deleteTemplate, onError: complain });
  if (edited) return <TemplateForm key={edited.id} template={edited} onDone={() => setEdited(undefined)} />;
  if (!all) return <LateRows count={3} />;
  return (
    <Stack gap="sm">
      {all.length === 0 && (
        <Text c="dimmed">
          <Trans>
            None yet. Write what you send again and again once, with places for what the CRM knows of the client.
          </Trans>
        </Text>
      )}
      {all.map((template) => (
        <Group key={template.id} gap="sm" wrap="nowrap">
          <Text flex={1} truncate>
            {template.name}{" "}
            {template.shared && (
              <Text span c="dimmed">
                <Trans>for everybody</Trans>
              </Text>
            )}
          </Text>
          <Button variant="default" onClick={() => setEdited(template)}>
            <Trans>Edit</Trans>
          </Button>
          <DeleteButton onDelete={() => remove.mutate(template.id)} />
        </Group>
      ))}
      <Group>
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a template</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

const places = [
  "contact.first_name",
  "contact.name",
  "company.name",
  "deal.title",
  "deal.amount",
  "deal.stage",
  "me.name",
  "today",
];

function TemplateForm({ template, onDone }: { template: Template; onDone: () => void }) {
  const { t } = useLingui();
  const [{ name, subject, html, shared }, setValues] = useState(template);
  const set = (change: Partial<Template>) => setValues((v) => ({ ...v, ...change }));
  const save = useMutation({
    mutationFn: () => saveTemplate(template.id, { name, subject, html, shared }),
    onSuccess: onDone,
    onError: complain,
  });
  return (
    <Stack gap="sm">
      <TextInput label={t`Name`} value={name} data-autofocus onChange={(e) => set({ name: e.currentTarget.value })} />
      <TextInput label={t`Subject`} value={subject} onChange={(e) => set({ subject: e.currentTarget.value })} />
      <Editor html={html} label={t`Text of the template`} onChange={(html) => set({ html })} />
      <Text size="xs" c="dimmed">
        <Trans>Places, filled in for each client:</Trans>{" "}
        {places.map((p) => (
          <Code key={p}>{`{{${p}}}`} </Code>
        ))}{" "}
        <Trans>A field of your own goes by its name; words behind | stand where nothing is known.</Trans>
      </Text>
      <Checkbox
        label={t`Everybody uses it`}
        checked={shared}
        onChange={(e) => set({ shared: e.currentTarget.checked })}
      />
      <Ends saving={save.isPending} disabled={!name.trim()} onSave={() => save.mutate()} onCancel={onDone} />
    </Stack>
  );
}

type EndsProps = { saving: boolean; disabled?: boolean; onSave: () => void; onCancel?: () => void };

function Ends({ saving, disabled, onSave, onCancel }: EndsProps) {
  return (
    <Group justify="flex-end" gap="sm">
      {onCancel && (
        <Button variant="subtle" color="gray" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      )}
      <Button loading={saving} disabled={disabled} onClick={onSave}>
        <Trans>Save</Trans>
      </Button>
    </Group>
  );
}

function Signatures() {
  const { t } = useLingui();
  const boxes = useMailboxes();
  const all = useSignatures();
  const [mailbox, setMailbox] = useState(boxes[0]?.id ?? "");
  if (!all) return <LateRows count={3} />;
  const of = all.find((s) => s.mailbox === mailbox) ?? { mailbox, own: "", common: "" };
  return (
    <Stack gap="sm">
      {boxes.length > 1 && (
        <Select
          label={t`Mailbox`}
          value={mailbox}
          data={boxes.map((b) => ({ value: b.id, label: b.address }))}
          onChange={(v) => v && setMailbox(v)}
        />
      )}
      <SignatureForm key={mailbox} of={of} shared={(boxes.find((b) => b.id === mailbox)?.users.length ?? 0) > 1} />
    </Stack>
  );
}

function SignatureForm({ of, shared }: { of: Signature; shared: boolean }) {
  const { t } = useLingui();
  const [common, setCommon] = useState(false);
  const [html, setHTML] = useState(of.own);
  const save = useMutation({
    mutationFn: () => saveSignature(of.mailbox, html, common),
    onSuccess: () => say(msg`Signature saved`),
    onError: complain,
  });
  const choose = (common: boolean) => {
    setCommon(common);
    setHTML(common ? of.common : of.own);
  };
  return (
    <>
      {shared && (
        <Checkbox
          label={t`Of all who write from this mailbox and have none of their own`}
          checked={common}
          onChange={(e) => choose(e.currentTarget.checked)}
        />
      )}
      <Editor key={String(common)} html={common ? of.common : of.own} label={t`Signature`} onChange={setHTML} />
      <Ends saving={save.isPending} onSave={() => save.mutate()} />
    </>
  );
}
