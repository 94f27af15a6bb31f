import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Lead, ok } from "~/api";
import { refresh } from "~/api/records";
import { cards } from "~/app/card";
import { complain } from "~/app/notify";

/** Makes a contact, and if wanted a deal, of a lead. */
export function ConvertLead({ lead, opened, onClose }: { lead: Lead; opened: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const [deal, setDeal] = useState(true);
  const [title, setTitle] = useState(lead.title);
  const [amount, setAmount] = useState(0);
  const convert = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/api/v1/leads/{id}/convert", {
          params: { path: { id: lead.id } },
          body: deal ? { deal: { title, amount: Math.round(amount * 100) } } : {},
        }),
      ),
    onSuccess: (made) => {
      for (const kind of ["lead", "contact", "deal"] as const) refresh(kind);
      cards.show({ kind: "contact", id: made.contact.id });
      onClose();
    },
    onError: complain,
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Trans>Convert the lead</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          convert.mutate();
        }}
      >
        <Stack gap="md">
          <Text c="dimmed">
            <Trans>{lead.name || lead.title} becomes a contact with all its calls and mails.</Trans>
          </Text>
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
              <NumberInput
                label={<Trans>Amount</Trans>}
                min={0}
                decimalScale={2}
                value={amount}
                onChange={(v) => setAmount(Number(v) || 0)}
              />
            </>
          )}
          <Group justify="flex-end">
            <Button type="submit" size="sm" loading={convert.isPending}>
              <Trans>Convert</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
