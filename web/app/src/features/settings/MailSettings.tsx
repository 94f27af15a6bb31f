import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, MultiSelect, NumberInput, Switch, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { fileSize } from "~/i18n/format";
import { CopyText, DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { Row, Rows, Section, useDo, useSave } from "./parts";
import classes from "./Settings.module.css";
import { recordPurposes } from "./strings";

type Schemas = components["schemas"];
type Domain = Schemas["MailDomain"];
type Mailbox = Schemas["Mailbox"];
type Queued = Schemas["QueueItem"];

/** Domains, mailboxes, and what waits to be sent. */
export function MailSettings() {
  return (
    <>
      <Domains />
      <Mailboxes />
      <Queue />
    </>
  );
}

function Domains() {
  const { t } = useLingui();
  const [name, setName] = useState<string>();
  const key = ["mail-domains"];
  const add = useSave(
    () => ok(api.POST("/api/v1/mail/domains", { body: { name: name ?? "" } })),
    [key],
    () => setName(undefined),
  );
  const remove = useDo(
    (domain: string) => ok(api.DELETE("/api/v1/mail/domains/{name}", { params: { path: { name: domain } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Domains</Trans>}
      about={<Trans>Publish the records at your DNS provider; without them others distrust your mail.</Trans>}
      action={
        <Button onClick={() => setName("")}>
          <Trans>Add a domain</Trans>
        </Button>
      }
    >
      <Rows<Domain>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/domains"))).items}
        none={<Trans>No domain yet. Add the one your addresses end in.</Trans>}
        row={(d) => <DomainRow key={d.name} domain={d} onDelete={() => remove.mutate(d.name)} />}
      />
      <FormDialog
        opened={name !== undefined}
        onClose={() => setName(undefined)}
        title={<Trans>Add a domain</Trans>}
        onSave={() => add.mutate()}
        saving={add}
      >
        <TextInput
          label={t`Domain`}
          placeholder="example.com"
          required
          data-autofocus
          value={name ?? ""}
          onChange={(e) => setName(e.currentTarget.value)}
        />
      </FormDialog>
    </Section>
  );
}

function DomainRow({ domain, onDelete }: { domain: Domain; onDelete: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Row title={domain.name}>
        <Button variant="default" data-open aria-expanded={open} onClick={() => setOpen(!open)}>
          <Trans>DNS records</Trans>
        </Button>
        <DeleteButton onDelete={onDelete} />
      </Row>
      <li className={classes.roles}>
        {domain.roles?.map((r) => (
          <Text key={r.address} size="sm" c="dimmed">
            {r.mailboxes?.length ? (
              <Trans>
                Mail to {r.address} goes to {r.mailboxes.join(", ")}.
              </Trans>
            ) : (
              <Trans>Mail to {r.address} is refused: give an admin a mailbox, or a mailbox this address.</Trans>
            )}
          </Text>
        ))}
      </li>
      {open && (
        <li>
          <Records domain={domain.name} />
        </li>
      )}
    </>
  );
}

function Records({ domain }: { domain: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["dns", domain],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/domains/{name}/records", { params: { path: { name: domain } } }))).items,
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={4} />;
  const rows = data.map((r) => (
    <li key={`${r.type} ${r.name}`} className={classes.record}>
      <Badge>{r.type}</Badge>
      <div>
        <CopyText>{r.name}</CopyText>
        <CopyText>{r.value}</CopyText>
        <Text size="xs" c="dimmed">
          {word(recordPurposes, r.purpose)}
        </Text>
      </div>
    </li>
  ));
  return <ul className={classes.records}>{rows}</ul>;
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

function Queue() {
  const key = ["mail-queue"];
  const retry = useDo(
    (id: string) => ok(api.POST("/api/v1/mail/queue/{id}/retry", { params: { path: { id } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Waiting to be sent</Trans>}
      about={<Trans>What the other side did not take yet is tried again by itself.</Trans>}
    >
      <Rows<Queued>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/queue"))).items}
        none={
          <State is="live">
            <Trans>Everything has been sent.</Trans>
          </State>
        }
        row={(q) => (
          <Row key={q.id} title={`${q.from} → ${q.to}`} detail={[q.subject, q.answer].filter(Boolean).join(" · ")}>
            <Text c="dimmed">
              <Trans>
                attempt {q.attempts}, next <When at={q.next} />
              </Trans>
            </Text>
            <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate(q.id)}>
              <Trans>Send now</Trans>
            </Button>
          </Row>
        )}
      />
    </Section>
  );
}
