import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Checkbox, Group, Modal, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { word } from "~/app/words";
import { CopyText, DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { useDo, useSave } from "./parts";
import { eventNames } from "./strings";
import { type Webhook, webhooksKey } from "./Webhooks";

type FormProps = { webhook: Webhook | "new"; onClose: () => void; onMade: (secret: string) => void };

/** A webhook to be added or changed. */
export function WebhookForm({ webhook, onClose, onMade }: FormProps) {
  const { t } = useLingui();
  const old = webhook === "new" ? undefined : webhook;
  const [name, setName] = useState(old?.name ?? "");
  const [url, setURL] = useState(old?.url ?? "");
  const [all, setAll] = useState(old !== undefined && old.types.length === 0);
  const [types, setTypes] = useState(old?.types ?? []);
  const body = { name, url, types: all ? [] : types };
  const save = useSave(
    async () => {
      if (!old) return (await ok(api.POST("/api/v1/webhooks", { body }))).secret;
      await ok(api.PATCH("/api/v1/webhooks/{id}", { params: { path: { id: old.id } }, body }));
    },
    [webhooksKey],
    (secret) => {
      if (secret) onMade(secret);
      onClose();
    },
  );
  const chosen = all || types.length > 0;
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={old ? old.name : <Trans>Add a webhook</Trans>}
      onSave={() => chosen && save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Name`}
        placeholder={t`Online shop`}
        required
        maxLength={100}
        data-autofocus
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <TextInput
        label={t`Address`}
        placeholder="https://example.com/hooks/frontdesk"
        required
        type="url"
        value={url}
        onChange={(e) => setURL(e.currentTarget.value)}
      />
      {old && <Renew webhook={old} onMade={onMade} />}
      <Switch label={t`All events`} checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
      {!all && <Types value={types} onChange={setTypes} />}
      {!chosen && (
        <Text size="xs" c="dimmed">
          <Trans>Choose at least one.</Trans>
        </Text>
      )}
    </FormDialog>
  );
}

/** Makes another secret: the old one signs no more. */
function Renew({ webhook, onMade }: { webhook: Webhook; onMade: (secret: string) => void }) {
  const renew = useDo(
    () => ok(api.POST("/api/v1/webhooks/{id}/secret", { params: { path: { id: webhook.id } } })),
    [webhooksKey],
    (made) => onMade(made.secret),
  );
  return (
    <Group>
      <DeleteButton
        label={<Trans>New secret</Trans>}
        sure={<Trans>End the old secret</Trans>}
        onDelete={() => renew.mutate()}
      />
    </Group>
  );
}

/** Which events are sent. */
function Types({ value, onChange }: { value: string[]; onChange: (types: string[]) => void }) {
  const { t } = useLingui();
  const { data } = useQuery({
    queryKey: ["webhook-types"],
    queryFn: async () => (await ok(api.GET("/api/v1/webhooks/types"))).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Checkbox.Group label={t`What it is told`} value={value} onChange={onChange}>
      <SimpleGrid cols={2} spacing="xs" verticalSpacing="xs" mt="xs">
        {(data ?? Object.keys(eventNames)).map((type) => (
          <Checkbox key={type} value={type} label={word(eventNames, type)} />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}

/** The one time that the secret is seen. */
export function Secret({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={<Trans>Enter this secret in the other program</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="sm">
        {secret && <CopyText>{secret}</CopyText>}
        <Text c="dimmed">
          <Trans>
            It proves that an event is from here: the program checks the signature of each with it (Standard Webhooks).
          </Trans>
        </Text>
        <Alert color="orange">
          <Trans>The secret is shown only now. If it gets lost, make a new one.</Trans>
        </Alert>
      </Stack>
    </Modal>
  );
}
