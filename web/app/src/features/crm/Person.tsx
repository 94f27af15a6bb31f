import { msg } from "@lingui/core/macro";
import { Plural as Count, Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok, type Ref } from "~/api";
import { refresh } from "~/api/records";
import type { components } from "~/api/schema";
import { cards } from "~/app/card";
import { explain, say } from "~/app/notify";
import { kinds, word } from "~/app/words";
import { phone } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import classes from "./Person.module.css";

type Found = components["schemas"]["FoundPerson"];
type Also = Found["others"];

/** What the company has of one person in all rooms: to be handed out, or erased. */
export default function Person({ of, onClose }: { of: Ref; onClose: () => void }) {
  const { t } = useLingui();
  const [also, setAlso] = useState<Also>([]);
  const refs = also.map(({ kind, id }) => ({ kind, id }) as Ref);
  const { data, error, refetch } = useQuery({
    queryKey: ["person", of.kind, of.id, refs],
    queryFn: () => ok(api.POST("/api/v1/persons/{kind}/{id}/find", { ...at(of), body: { also: refs } })),
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const others = [...(data?.others ?? []), ...also.filter((a) => !data?.others.some((o) => o.id === a.id))];
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Trans>This person's data</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
      size="lg"
    >
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows />}
      {data && (
        <Stack gap="lg">
          <Facts of={data} />
          {others.length > 0 && <Others all={others} value={also} onChange={setAlso} />}
          <Group justify="space-between">
            <Text c="dimmed" flex={1}>
              <Trans>All of it as a file, for the person: what is known as JSON, mails, recordings.</Trans>
            </Text>
            <Button
              component="a"
              href={fileOf(of, also)}
              download
              variant="default"
              leftSection={<IconDownload className={classes.icon} />}
            >
              <Trans>Export</Trans>
            </Button>
          </Group>
          <Erase of={of} also={refs} found={data} onClose={onClose} />
        </Stack>
      )}
    </Modal>
  );
}

const at = ({ kind, id }: Ref) => ({ params: { path: { kind: kind as "contact" | "lead", id } } });

/** Where the file is. */
export function fileOf(of: Ref, also: { kind: string; id: string }[]): string {
  const query = also.map((a) => `also=${encodeURIComponent(`${a.kind}:${a.id}`)}`).join("&");
  return `/api/v1/persons/${of.kind}/${of.id}/file${query && `?${query}`}`;
}

function Facts({ of: f }: { of: Found }) {
  const { t } = useLingui();
  const lines: [string, number][] = [
    [t`Entries of the timeline`, f.entries],
    [t`Calls`, f.calls],
    [t`Recordings`, f.recordings],
    [t`Voice messages`, f.messages],
    [t`Mails, in all mailboxes`, f.mails],
    [t`Offers and invoices`, f.documents],
  ];
  return (
    <Stack gap="xs">
      <Text>
        {f.records.map((r) => `${r.name} (${word(kinds, r.kind)})`).join(", ")}
        {" · "}
        {[...f.numbers.map(phone), ...f.addresses].join(", ") || t`no number or address alone`}
      </Text>
      <dl className={classes.facts}>
        {lines.map(([name, n]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{n}</dd>
          </div>
        ))}
      </dl>
      {f.invoices > 0 && (
        <Text size="sm" c="dimmed">
          <Count
            value={f.invoices}
            one="# issued invoice names this person: the law wants it kept, so it stays as it is when all else is erased."
            other="# issued invoices name this person: the law wants them kept, so they stay as they are when all else is erased."
          />
        </Text>
      )}
      {f.shared.length > 0 && (
        <Text size="sm" c="dimmed">
          <Trans>
            Others have these too, so what came over them counts only where it stands on this timeline:{" "}
            {f.shared.map(phone).join(", ")}
          </Trans>
        </Text>
      )}
    </Stack>
  );
}

function Others({ all, value, onChange }: { all: Also; value: Also; onChange: (also: Also) => void }) {
  return (
    <Checkbox.Group
      label={<Trans>The same person, too?</Trans>}
      description={<Trans>They share a number or address.</Trans>}
      value={value.map((a) => a.id)}
      onChange={(ids) => onChange(all.filter((a) => ids.includes(a.id)))}
    >
      <Stack gap="xs" mt="xs">
        {all.map((a) => (
          <Checkbox key={a.id} value={a.id} label={`${a.name} (${word(kinds, a.kind)})`} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

type EraseProps = { of: Ref; also: Ref[]; found: Found; onClose: () => void };

function Erase({ of, also, found, onClose }: EraseProps) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const erase = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/persons/{kind}/{id}/erase", { ...at(of), body: { also, name } })),
    onSuccess: ({ mails, recordings }) => {
      for (const kind of ["contact", "lead", "deal"] as const) refresh(kind);
      cards.close();
      say(msg`Erased for good, with ${mails} mails and ${recordings} recordings`);
      onClose();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    erase.mutate();
  };
  const right = name.trim() === found.name.trim();
  const records = found.records.length;
  return (
    <form onSubmit={submit} className={classes.erase}>
      <Title order={3}>
        <Trans>Erase</Trans>
      </Title>
      <Text size="sm">
        <Count
          value={records}
          one="The record goes for good, past the bin,"
          other="# records go for good, past the bin,"
        />{" "}
        <Trans>
          with mails, recordings, voice messages and what was written about them. Calls stay without number and name;
          deals stay without the client. Copies in your backups go when those do, and a number that asked not to be
          called stays on that list.
        </Trans>
      </Text>
      <TextInput
        label={t`To erase it all, type the name: ${found.name}`}
        autoComplete="off"
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      {erase.error && (
        <Alert color="red" role="alert">
          {explain(erase.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button type="submit" color="red" disabled={!right} loading={erase.isPending}>
          <Trans>Erase for good</Trans>
        </Button>
      </Group>
    </form>
  );
}
