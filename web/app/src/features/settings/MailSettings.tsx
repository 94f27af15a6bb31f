import { Trans, useLingui } from "@lingui/react/macro";
import { Button, MultiSelect, NumberInput, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { fileSize } from "~/i18n/format";
import { FormDialog } from "~/parts/FormDialog";
import { Aliases } from "./Aliases";
import { Certificates } from "./Certificates";
import { DeadAddresses } from "./DeadAddresses";
import { Domains } from "./Domains";
import { Exclusions } from "./Exclusions";
import { Greylist } from "./Greylist";
import { MailQueue } from "./MailQueue";
import { Row, Rows, Section, useSave } from "./parts";
import { Quarantine } from "./Quarantine";
import { SendingLimits } from "./SendingLimits";
import { SmartHosts } from "./SmartHosts";
import { ToldDomains } from "./ToldDomains";

type Schemas = components["schemas"];
type Mailbox = Schemas["Mailbox"];

/** Domains, mailboxes and addresses, and how mail is sent. */
export function MailSettings() {
  return (
    <>
      <Domains />
      <Certificates />
      <Mailboxes />
      <Aliases />
      <Exclusions />
      <MailQueue />
      <Quarantine />
      <Greylist />
      <ToldDomains />
      <DeadAddresses />
      <SmartHosts />
      <SendingLimits />
    </>
  );
}

function Mailboxes() {
  const [edited, setEdited] = useState<Partial<Mailbox>>();
  const users = useUsers();
  const key = ["mailboxes"];
  return (
    <Section
      title={<Trans>Mailboxes</Trans>}
      about={<Trans>One person owns a mailbox, or several share it.</Trans>}
      action={
        <Button onClick={() => setEdited({ users: [] })}>
          <Trans>Add a mailbox</Trans>
        </Button>
      }
    >
      <Rows<Mailbox>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/mailboxes", { params: { query: { all: true } } }))).items}
        none={<Trans>No mailbox yet.</Trans>}
        row={(m) => (
          <Row
            key={m.id}
            title={m.address}
            detail={m.users
              .map((id) => users.find((u) => u.id === id)?.name)
              .filter(Boolean)
              .join(", ")}
          >
            <Text c="dimmed">
              {fileSize(m.used)}
              {m.quota > 0 && ` / ${fileSize(m.quota)}`}
            </Text>
            <Button variant="default" data-open onClick={() => setEdited(m)}>
              <Trans>Edit</Trans>
            </Button>
          </Row>
        )}
      />
      {edited && <MailboxForm box={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function MailboxForm({ box, onClose }: { box: Partial<Mailbox>; onClose: () => void }) {
  const { t } = useLingui();
  const users = useUsers();
  const [values, setValues] = useState({
    address: box.address ?? "",
    name: box.name ?? "",
    users: box.users ?? [],
    quota: box.quota ?? 0,
    shared: box.shared,
  });
  const shared = values.shared ?? values.users.length > 1;
  const set = (change: Partial<typeof values>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(
    () => {
      const { address, ...rest } = values;
      return box.id
        ? ok(api.PATCH("/api/v1/mail/mailboxes/{id}", { params: { path: { id: box.id } }, body: rest }))
        : ok(api.POST("/api/v1/mail/mailboxes", { body: { address, ...rest } }));
    },
    [["mailboxes"], ["me"]],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={box.address ?? <Trans>Add a mailbox</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Mail address`}
        type="email"
        required
        disabled={box.id !== undefined}
        data-autofocus
        value={values.address}
        onChange={(e) => set({ address: e.currentTarget.value })}
      />
      <TextInput
        label={t`Name shown to others`}
        value={values.name}
        onChange={(e) => set({ name: e.currentTarget.value })}
      />
      <MultiSelect
        label={t`Read and written by`}
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        value={values.users}
        onChange={(list) => set({ users: list })}
      />
      <Switch
        label={t`Shown whole on the timelines of clients`}
        description={
          shared
            ? t`Whoever sees a client reads the client's mail with this mailbox.`
            : t`Others see on a client's timeline that there was a mail, not what it says.`
        }
        checked={shared}
        onChange={(e) => set({ shared: e.currentTarget.checked })}
      />
      <NumberInput
        label={t`Size limit, MB`}
        description={t`0: no limit`}
        min={0}
        value={Math.round(values.quota / 1e6)}
        onChange={(v) => set({ quota: Number(v) * 1e6 })}
      />
    </FormDialog>
  );
}
