import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Fieldset, Group, Image, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { CopyText } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { When } from "~/parts/When";
import { useSave } from "./parts";

type Setup = components["schemas"]["Setup"];
type Key = components["schemas"]["Key"];
type Link = components["schemas"]["Link"];
type Make = components["schemas"]["SetupInputBody"]["make"];
type Props = { device: { id: string; label: string; username: string }; onClose: () => void };

/** How a desk phone is set up from here: its make, its keys, and the link that it gets its settings by. */
export function PhoneSetup(props: Props) {
  const path = { id: props.device.id };
  const { data } = useQuery({
    queryKey: ["devices", "setup", path.id],
    queryFn: () => ok(api.GET("/api/v1/devices/{id}/setup", { params: { path } })),
  });
  return data ? <SetupForm {...props} setup={data} /> : null;
}

const makes: { value: Make; label: string }[] = [
  { value: "yealink", label: "Yealink" },
  { value: "snom", label: "Snom" },
  { value: "grandstream", label: "Grandstream" },
  { value: "fanvil", label: "Fanvil" },
  { value: "cisco", label: "Cisco MPP" },
  { value: "poly", label: "Poly" },
  { value: "linphone", label: "Linphone" },
];

function SetupForm({ device, setup, onClose }: Props & { setup: Setup }) {
  const { t } = useLingui();
  const [make, setMake] = useState<Make>((setup.make as Make) || "yealink");
  const [mac, setMAC] = useState(setup.mac);
  const [keys, setKeys] = useState<Key[]>(setup.keys ?? []);
  const [link, setLink] = useState<Link>();
  const params = { path: { id: device.id } };
  const put = () => ok(api.PUT("/api/v1/devices/{id}/setup", { params, body: { make, mac, keys } }));
  const fetched = !setup.fetched.startsWith("0001");
  const save = useSave(
    async () => {
      await put();
      if (fetched) await ok(api.POST("/api/v1/devices/{id}/setup/resync", { params }));
    },
    [["devices"]],
    onClose,
  );
  const makeLink = useSave(
    async () => {
      await put();
      return ok(api.POST("/api/v1/devices/{id}/setup/link", { params }));
    },
    [["devices"]],
    setLink,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Set up {device.label || device.username}</Trans>}
      onSave={() => save.mutate()}
      saving={save.error ? save : makeLink.error ? makeLink : save}
      save={fetched ? <Trans>Save and tell the phone</Trans> : undefined}
    >
      <Select
        label={t`Maker`}
        allowDeselect={false}
        data-autofocus
        data={makes}
        value={make}
        onChange={(v) => setMake(v as Make)}
      />
      {make !== "linphone" && (
        <TextInput
          label={t`MAC address`}
          description={t`It stands on the label under the phone`}
          placeholder="00:15:65:12:34:AB"
          required
          value={mac}
          onChange={(e) => setMAC(e.currentTarget.value)}
        />
      )}
      {make !== "linphone" && <KeyFields keys={keys} onChange={setKeys} />}
      <Stack gap="xs" align="start">
        <Button variant="default" loading={makeLink.isPending} onClick={() => makeLink.mutate()}>
          <Trans>Make a link</Trans>
        </Button>
        <Text c="dimmed" size="sm">
          <Trans>
            Enter it in the phone as the address of its settings server, or scan it. It counts once, within a week, and
            gives the phone a new password.
          </Trans>
        </Text>
        {link && <CopyText>{link.url}</CopyText>}
        {link && <Image src={link.qr} alt={t`The link as a QR code`} w={192} />}
        {fetched && (
          <Text size="sm">
            <Trans>
              Fetched <When at={setup.fetched} /> from {setup.from}: {setup.agent}
            </Trans>
          </Text>
        )}
      </Stack>
    </FormDialog>
  );
}

/** The keys beside that of the line. */
function KeyFields({ keys, onChange }: { keys: Key[]; onChange: (keys: Key[]) => void }) {
  const { t } = useLingui();
  const change = (at: number, next: Partial<Key>) => onChange(keys.map((k, i) => (i === at ? { ...k, ...next } : k)));
  return (
    <Fieldset legend={t`Keys with lamps`}>
      <Stack gap="xs">
        <Text c="dimmed" size="sm">
          <Trans>A colleague's extension, or a slot of parked calls as one dials it, such as *681.</Trans>
        </Text>
        {keys
          .map((k, i) => ({ k, i }))
          .map(({ k, i }) => (
            <Group key={i} gap="xs" wrap="nowrap" align="end">
              <TextInput
                label={i === 0 ? t`Dials` : undefined}
                aria-label={t`Dials`}
                required
                value={k.number}
                onChange={(e) => change(i, { number: e.currentTarget.value })}
              />
              <TextInput
                label={i === 0 ? t`Name beside the key` : undefined}
                aria-label={t`Name beside the key`}
                value={k.label ?? ""}
                onChange={(e) => change(i, { label: e.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Remove this key`}
                onClick={() => onChange(keys.filter((_, other) => other !== i))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
        <Group>
          <Button
            variant="default"
            disabled={keys.length >= 40}
            onClick={() => onChange([...keys, { number: "", label: "" }])}
          >
            <Trans>Add a key</Trans>
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}
