import { Trans } from "@lingui/react/macro";
import { Radio, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Deal, ok } from "~/api";
import { refresh } from "~/api/records";
import { optionsOf, useFields } from "~/features/fields/fields";
import { Store, useStore } from "~/live/store";
import { FormDialog } from "~/parts/FormDialog";

const asked = new Store<{ deal?: Deal }>({});

/** Asks why a deal was lost. */
export const askWhyLost = (deal: Deal) => asked.set({ deal });

/** The question that follows when a deal goes to a stage of lost ones; it may be left open. */
export function WhyLost() {
  const { deal } = useStore(asked, (s) => s);
  const reasons = useFields("deal").find((f) => f.id === "lost_reason");
  if (!deal || !reasons) return null;
  return <Question key={deal.id} deal={deal} options={optionsOf(reasons)} onDone={() => asked.set({})} />;
}

type Props = { deal: Deal; options: { value: string; label: string }[]; onDone: () => void };

function Question({ deal, options, onDone }: Props) {
  const [reason, setReason] = useState(deal.fields.lost_reason?.[0] ?? "");
  const save = useMutation({
    mutationFn: () =>
      ok(
        api.PATCH("/api/v1/deals/{id}", {
          params: { path: { id: deal.id } },
          body: { fields: { lost_reason: reason ? [reason] : [] } },
        }),
      ),
    onSuccess: () => {
      refresh("deal");
      onDone();
    },
  });
  return (
    <FormDialog
      opened
      onClose={onDone}
      title={<Trans>Why was “{deal.title}” lost?</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <Radio.Group value={reason} onChange={setReason} aria-label={deal.title}>
        <Stack gap="sm">
          {options.map((o, i) => (
            <Radio key={o.value} value={o.value} label={o.label} data-autofocus={i === 0 || undefined} />
          ))}
        </Stack>
      </Radio.Group>
    </FormDialog>
  );
}
