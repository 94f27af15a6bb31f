import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { attempt } from "~/app/live";
import { complain, offer } from "~/app/notify";
import { exclude, exclusionsKey, include } from "~/features/mail/exclude";
import { When } from "~/parts/When";
import { Row, Rows, Section } from "./parts";

type Exclusion = components["schemas"]["MailExclusion"];
type Mailbox = components["schemas"]["Mailbox"];

/** Whose mail the CRM does not hear of: for the whole company, or for one mailbox. */
export function Exclusions() {
  const { t } = useLingui();
  const [mailbox, setMailbox] = useState("");
  const boxes = useQuery<Mailbox[]>({
    queryKey: ["mailboxes"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/mailboxes", { params: { query: { all: true } } }))).items,
  });
  return (
    <Section
      title={<Trans>Mail that is not filed</Trans>}
      about={
        <Trans>
          Mail from and to these addresses makes no lead and stands on no client's timeline: private mail, newsletters,
          your own suppliers. It comes to its mailbox as ever.
        </Trans>
      }
    >
      <Select
        label={t`Holds for`}
        allowDeselect={false}
        data={[
          { value: "", label: t`The whole company` },
          ...(boxes.data ?? []).map((m) => ({ value: m.id, label: m.address })),
        ]}
        value={mailbox}
        onChange={(v) => setMailbox(v ?? "")}
      />
      <Add mailbox={mailbox} />
      <List mailbox={mailbox} />
    </Section>
  );
}

/** The same for one's own mailboxes; nothing for who has none here. */
export function OwnExclusions() {
  const boxes = useQuery<Mailbox[]>({
    queryKey: ["mailboxes", "own"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/mailboxes"))).items,
  });
  if (!boxes.data?.length) return null;
  return (
    <Stack gap="sm">
      <Title order={3}>
        <Trans>Mail that is not filed</Trans>
      </Title>
      {boxes.data.map((m) => (
        <div key={m.id}>
          <Text fw={500}>{m.address}</Text>
          <Add mailbox={m.id} />
          <List mailbox={m.id} />
        </div>
      ))}
    </Stack>
  );
}

function List({ mailbox }: { mailbox: string }) {
  return (
    <Rows<Exclusion>
      key={mailbox}
      queryKey={[...exclusionsKey, mailbox]}
      read={async () => (await ok(api.GET("/api/v1/mail/exclusions", { params: { query: { mailbox } } }))).items}
      none={<Trans>All mail is filed.</Trans>}
      row={(e) => <One key={e.id} e={e} />}
    />
  );
}

function Add({ mailbox }: { mailbox: string }) {
  const { t } = useLingui();
  const [pattern, setPattern] = useState("");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    exclude(pattern, mailbox).then(() => setPattern(""), complain);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t`Address or domain`}
          placeholder="example.com"
          required
          flex={1}
          maxLength={320}
          value={pattern}
          onChange={(e) => setPattern(e.currentTarget.value)}
        />
        <Button type="submit" size="sm" variant="default">
          <Trans>Add</Trans>
        </Button>
        {mailbox && (
          <Button size="sm" variant="subtle" onClick={() => attempt(exclude("*", mailbox))}>
            <Trans>All of this mailbox</Trans>
          </Button>
        )}
      </Group>
    </form>
  );
}

function One({ e }: { e: Exclusion }) {
  const { t } = useLingui();
  const name = e.pattern === "*" ? t`All mail of this mailbox` : e.pattern;
  const remove = () =>
    attempt(
      include(e.id).then(() =>
        offer(msg`Mail of ${e.pattern} is filed again`, () => attempt(exclude(e.pattern, e.mailbox))),
      ),
    );
  return (
    <Row title={<Text span>{name}</Text>} detail={<When at={e.at} />}>
      <ActionIcon aria-label={t`File mail of ${name} again`} onClick={remove}>
        <IconTrash />
      </ActionIcon>
    </Row>
  );
}
