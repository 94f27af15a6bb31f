import { Trans, useLingui } from "@lingui/react/macro";
import { Button, MultiSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { Row, Rows, Section, useDo, useSave } from "./parts";

type Alias = components["schemas"]["MailAlias"];

const key = ["mail-aliases"];

function useBoxes() {
  const { data } = useQuery({
    queryKey: ["mailboxes", "all"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/mailboxes", { params: { query: { all: true } } }))).items,
  });
  return (data ?? []).filter((m) => !m.remote);
}

/** Addresses without a mailbox of their own: other names, groups, and what catches the rest of a domain. */
export function Aliases() {
  const [edited, setEdited] = useState<Alias>();
  const boxes = useBoxes();
  const remove = useDo(
    (address: string) => ok(api.DELETE("/api/v1/mail/aliases/{address}", { params: { path: { address } } })),
    [key],
  );
  const names = (a: Alias) => a.mailboxes.map((id) => boxes.find((m) => m.id === id)?.address ?? "…").join(", ");
  return (
    <Section
      title={<Trans>Other addresses and groups</Trans>}
      about={
        <Trans>
          An address that leads to one mailbox or to several. What comes to name+anything goes to name by itself.
        </Trans>
      }
      action={
        <Button onClick={() => setEdited({ address: "", mailboxes: [] })}>
          <Trans>Add an address</Trans>
        </Button>
      }
    >
      <Rows<Alias>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/aliases"))).items}
        none={
          <Trans>No other addresses. Add one such as office@, or @ and the domain for whatever has no address.</Trans>
        }
        row={(a) => (
          <Row
            key={a.address}
            title={a.address.startsWith("@") ? <Trans>Everything else at {a.address.slice(1)}</Trans> : a.address}
            detail={names(a)}
          >
            <Button variant="default" data-open onClick={() => setEdited(a)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(a.address)} />
          </Row>
        )}
      />
      {edited && <AliasForm alias={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function AliasForm({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const { t } = useLingui();
  const boxes = useBoxes();
  const [address, setAddress] = useState(alias.address);
  const [mailboxes, setMailboxes] = useState(alias.mailboxes);
  const save = useSave(
    () => ok(api.PUT("/api/v1/mail/aliases", { body: { address, mailboxes } })),
    [key, ["mail-domains"]],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={alias.address || <Trans>Add an address</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Address`}
        description={t`@example.com catches whatever has no mailbox and no address of its own.`}
        placeholder="office@example.com"
        required
        disabled={alias.address !== ""}
        data-autofocus
        value={address}
        onChange={(e) => setAddress(e.currentTarget.value)}
      />
      <MultiSelect
        label={t`Leads to`}
        required
        searchable
        data={boxes.map((m) => ({ value: m.id, label: m.address }))}
        value={mailboxes}
        onChange={setMailboxes}
      />
    </FormDialog>
  );
}
