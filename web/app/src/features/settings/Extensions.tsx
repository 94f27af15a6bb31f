import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { type Destination, DestinationFields, DestinationText } from "./Destination";
import { Row, Rows, Section, useDo, useSave } from "./parts";
import { type Timed, TimedFields, TimedText, timed } from "./Timed";

type Extension = components["schemas"]["Extension"];

const key = ["extensions"];

/** Short numbers for calls inside. */
export function Extensions() {
  const [edited, setEdited] = useState<Extension>();
  const remove = useDo(
    (number: string) => ok(api.DELETE("/api/v1/extensions/{number}", { params: { path: { number } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Extensions</Trans>}
      about={<Trans>Short numbers that colleagues and desk phones dial.</Trans>}
      action={
        <Button onClick={() => setEdited({ number: "", kind: "user", responsible: false, seconds: 25 })}>
          <Trans>Add an extension</Trans>
        </Button>
      }
    >
      <Rows<Extension>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/extensions"))).items}
        none={
          <Trans>No extension yet. Add one for each colleague, such as 101, so that they can call each other.</Trans>
        }
        row={(e) => (
          <Row
            key={e.number}
            title={e.number}
            detail={
              <>
                <DestinationText to={e} />
                <TimedText of={e} />
              </>
            }
          >
            <Button variant="default" data-open onClick={() => setEdited(e)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(e.number)} />
          </Row>
        )}
      />
      {edited && <ExtensionForm extension={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function ExtensionForm({ extension, onClose }: { extension: Extension; onClose: () => void }) {
  const { t } = useLingui();
  const [number, setNumber] = useState(extension.number);
  const { number: _, responsible: __, schedule, closed, ...leads } = extension;
  const [to, setTo] = useState<Destination>(leads as Destination);
  const [hours, setHours] = useState<Timed>({ schedule, closed });
  const save = useSave(
    () =>
      ok(api.PUT("/api/v1/extensions/{number}", { params: { path: { number } }, body: { ...to, ...timed(hours) } })),
    [key],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={extension.number || <Trans>Add an extension</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Number`}
        required
        inputMode="numeric"
        disabled={extension.number !== ""}
        data-autofocus
        value={number}
        onChange={(e) => setNumber(e.currentTarget.value)}
      />
      <DestinationFields value={to} onChange={(change) => setTo((v) => ({ ...v, ...change }))} />
      <TimedFields value={hours} onChange={(change) => setHours((v) => ({ ...v, ...change }))} />
    </FormDialog>
  );
}
