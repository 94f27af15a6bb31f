import { Trans } from "@lingui/react/macro";
import { Checkbox, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Lead, ok } from "~/api";
import { refresh } from "~/api/records";
import { cards } from "~/app/card";
import { FormDialog } from "~/parts/FormDialog";
import { MoneyInput } from "~/parts/MoneyInput";
import { type Money, usual } from "~/parts/money";
import shared from "~/parts/parts.module.css";
import { KnownAs, type Named } from "./KnownAs";

/** Makes a contact, and if wanted a deal, of a lead. */
export default function ConvertLead({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const [deal, setDeal] = useState(true);
  const [title, setTitle] = useState(lead.title);
  const [worth, setWorth] = useState<Money>({ amount: 0, currency: usual });
  const [contact, setContact] = useState<Named>();
  const convert = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/api/v1/leads/{id}/convert", {
          params: { path: { id: lead.id } },
          body: { contact: contact?.id, deal: deal ? { title, ...worth } : undefined },
        }),
      ),
    onSuccess: (made) => {
      for (const kind of ["lead", "contact", "deal"] as const) refresh(kind);
      cards.show({ kind: "contact", id: made.contact.id });
      onClose();
    },
  });
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Convert the lead</Trans>}
      onSave={() => convert.mutate()}
      saving={convert}
      save={<Trans>Convert</Trans>}
    >
      <Text c="dimmed">
        {contact ? (
          <Trans>{contact.name} gets its numbers, addresses, calls and mails.</Trans>
        ) : (
          <Trans>{lead.name || lead.title} becomes a contact with all its calls and mails.</Trans>
        )}
      </Text>
      {contact && (
        <button type="button" className={shared.link} onClick={() => setContact(undefined)}>
          <Trans>Make a new contact instead</Trans>
        </button>
      )}
      {(lead.points ?? []).map((p) => (
        <KnownAs
          key={p.value || p.raw}
          kind={p.kind as "phone" | "email"}
          text={p.value || p.raw || ""}
          of={{ kind: "lead", id: lead.id }}
          onTake={setContact}
        />
      ))}
      <Checkbox
        label={<Trans>Make a deal too</Trans>}
        checked={deal}
        onChange={(e) => setDeal(e.currentTarget.checked)}
        data-autofocus
      />
      {deal && (
        <>
          <TextInput
            label={<Trans>Title</Trans>}
            required
            value={title}
            onChange={(e) => setTitle(e.currentTarget.value)}
          />
          <MoneyInput value={worth} onChange={setWorth} />
        </>
      )}
    </FormDialog>
  );
}
