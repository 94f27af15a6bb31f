import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { DomainCheck } from "./DomainCheck";
import { Row, Rows, Section, useDo, useSave } from "./parts";
import classes from "./Settings.module.css";

type Domain = components["schemas"]["MailDomain"];

const key = ["mail-domains"];

/** The company's mail domains, and what DNS has to say of each. */
export function Domains() {
  const { t } = useLingui();
  const [name, setName] = useState<string>();
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
          <Trans>DNS and keys</Trans>
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
          <DomainCheck domain={domain} />
        </li>
      )}
    </>
  );
}
