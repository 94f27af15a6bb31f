import { Trans } from "@lingui/react/macro";
import { Button, Skeleton } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { CardView } from "~/api";
import { usePipelines } from "~/api/queries";
import { useChange } from "~/api/records";
import { type Field, moneyOf, nameOf, plain, useFields, type Values } from "~/features/fields/fields";
import { InPlace } from "~/parts/InPlace";
import { Fact } from "./Fact";
import { Worth } from "./Worth";

const FieldInput = lazy(async () => ({ default: (await import("~/features/fields/FieldInput")).FieldInput }));

/** What the company's own fields say of a record. Those that come with the program are shown where they say something. */
export function FieldFacts({ view }: { view: CardView }) {
  const fields = useFields(view.ref.kind);
  const change = useChange(view.ref);
  const lost = useLost(view);
  const [all, setAll] = useState(false);
  const values: Values = view[view.ref.kind]?.fields ?? {};
  const usual = (f: Field) =>
    !f.built_in || f.id === "tags" || values[f.id]?.length || (f.id === "lost_reason" && lost);
  const shown = all ? fields : fields.filter(usual);
  const save = (f: Field, now: string[]) => change.mutate({ fields: { ...values, [f.id]: now } });
  return (
    <>
      {shown.map((f) => (
        <Fact key={f.id} label={nameOf(f)}>
          <Value field={f} values={values[f.id] ?? []} onSave={(now) => save(f, now)} />
        </Fact>
      ))}
      {!all && shown.length < fields.length && (
        <Fact label="">
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            px={0}
            justify="flex-start"
            onClick={() => setAll(true)}
          >
            <Trans>More fields</Trans>
          </Button>
        </Fact>
      )}
    </>
  );
}

/** Whether a deal stands in a stage of lost ones. */
function useLost({ deal }: CardView): boolean {
  const stages = usePipelines().find((p) => p.id === deal?.pipeline)?.stages;
  return stages?.find((s) => s.id === deal?.stage)?.kind === "lost";
}

function Value({ field, values, onSave }: { field: Field; values: string[]; onSave: (values: string[]) => void }) {
  if (field.type === "money") {
    const save = (m: { amount: number; currency: string }) => onSave([`${(m.amount / 100).toFixed(2)} ${m.currency}`]);
    return <Worth of={moneyOf(values[0])} onSave={save} />;
  }
  if (field.type === "text" || field.type === "number")
    return (
      <InPlace
        label={nameOf(field)}
        value={values[0] ?? ""}
        onSave={(text) => onSave(text ? [plain(field, text)] : [])}
      />
    );
  return (
    <Suspense fallback={<Skeleton h="var(--fd-row)" />}>
      <FieldInput key={values.join()} field={field} values={values} onChange={onSave} />
    </Suspense>
  );
}
