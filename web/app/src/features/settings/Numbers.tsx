import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { phone } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { type Destination, DestinationFields, DestinationText } from "./Destination";
import { DoubtsFields, DoubtsText, doubtsInput } from "./Doubts";
import { Row, Rows, Section, useDo, useSave } from "./parts";
import { TimedFields, TimedText, timed } from "./Timed";

type OurNumber = components["schemas"]["Number"];

const key = ["numbers"];
const fresh: OurNumber = {
  e164: "",
  trunk: "",
  label: "",
  destination: { kind: "group", responsible: true, seconds: 25, users: [] },
};

/** Our numbers, and who is rung. */
export function Numbers() {
  const [edited, setEdited] = useState<OurNumber>();
  const remove = useDo(
    (e164: string) => ok(api.DELETE("/api/v1/numbers/{e164}", { params: { path: { e164 } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Numbers</Trans>}
      about={<Trans>What clients dial, and whom that rings.</Trans>}
      action={
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a number</Trans>
        </Button>
      }
    >
      <Rows<OurNumber>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/numbers"))).items}
        none={<Trans>Nobody is rung yet: add a number that your carrier sends here, and choose who.</Trans>}
        row={(n) => (
          <Row
            key={n.e164}
            title={
              <>
                {phone(n.e164)} {n.label && `· ${n.label}`}
              </>
            }
            detail={
              <>
                <DestinationText to={n.destination} />
                <TimedText of={n} />
                <DoubtsText of={n} />
              </>
            }
          >
            <Button variant="default" data-open onClick={() => setEdited(n)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(n.e164)} />
          </Row>
        )}
      />
      {edited && <NumberForm number={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function NumberForm({ number, onClose }: { number: OurNumber; onClose: () => void }) {
  const { t } = useLingui();
  const [values, setValues] = useState(number);
  const set = (change: Partial<OurNumber>) => setValues((v) => ({ ...v, ...change }));
  const trunks =
    useQuery({ queryKey: ["trunks"], queryFn: async () => (await ok(api.GET("/api/v1/trunks"))).items }).data ?? [];
  const { e164, destination, label } = values;
  const trunk = values.trunk || trunks[0]?.id || "";
  const save = useSave(
    () =>
      ok(
        api.PUT("/api/v1/numbers/{e164}", {
          params: { path: { e164 } },
          body: {
            label,
            trunk,
            destination: destination as Destination,
            ...timed(values),
            doubts: doubtsInput(values.doubts),
          },
        }),
      ),
    [key],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={number.e164 ? phone(number.e164) : <Trans>Add a number</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Number`}
        description={t`With + and the country: +40211234567`}
        required
        disabled={number.e164 !== ""}
        data-autofocus
        value={e164}
        onChange={(e) => set({ e164: e.currentTarget.value })}
      />
      <TextInput label={t`What it is for`} value={label} onChange={(e) => set({ label: e.currentTarget.value })} />
      <Select
        label={t`Line`}
        data={trunks.map((x) => ({ value: x.id, label: x.name }))}
        value={trunk}
        onChange={(v) => set({ trunk: v ?? "" })}
      />
      <DestinationFields
        value={destination as Destination}
        onChange={(d) => set({ destination: { ...destination, ...d } as OurNumber["destination"] })}
        withResponsible
      />
      <TimedFields value={values} onChange={set} withResponsible />
      <DoubtsFields value={values.doubts} onChange={(doubts) => set({ doubts })} />
    </FormDialog>
  );
}
