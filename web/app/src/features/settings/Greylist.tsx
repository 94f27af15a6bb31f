import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NumberInput, Select, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { Row, Section, useSave } from "./parts";
import classes from "./Settings.module.css";
import { greylistModes } from "./strings";

type Policy = components["schemas"]["GreylistPolicy"];

const key = ["mail-greylist"];

/** Servers that nobody knows are asked to bring their mail again: what sends junk seldom does. */
export function Greylist() {
  const [edited, setEdited] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => ok(api.GET("/api/v1/mail/greylist")) });
  return (
    <Section
      title={<Trans>Greylisting</Trans>}
      about={
        <Trans>
          Servers that nobody knows are asked to bring their mail again in a few minutes, which senders of junk seldom
          do. Clients, and who came again once, are not asked.
        </Trans>
      }
    >
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={1} />}
      {data && (
        <ul className={classes.rows}>
          <Row
            title={word(greylistModes, data.mode)}
            detail={
              data.mode !== "off" && (
                <Trans>
                  Comes after {data.minutes} min, believed for {data.days} days
                </Trans>
              )
            }
          >
            <Button variant="default" data-open onClick={() => setEdited(true)}>
              <Trans>Edit</Trans>
            </Button>
          </Row>
        </ul>
      )}
      {edited && data && <PolicyForm policy={data} onClose={() => setEdited(false)} />}
    </Section>
  );
}

function PolicyForm({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const { t } = useLingui();
  const [values, setValues] = useState(policy);
  const set = (change: Partial<Policy>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(() => ok(api.PUT("/api/v1/mail/greylist", { body: values })), [key], onClose);
  return (
    <FormDialog opened onClose={onClose} title={<Trans>Greylisting</Trans>} onSave={() => save.mutate()} saving={save}>
      <Select
        label={t`Who is asked to come again`}
        allowDeselect={false}
        data={Object.keys(greylistModes).map((value) => ({ value, label: word(greylistModes, value) }))}
        value={values.mode}
        onChange={(mode) => mode && set({ mode: mode as Policy["mode"] })}
      />
      <NumberInput
        label={t`After so many minutes`}
        min={1}
        max={60}
        value={values.minutes}
        onChange={(v) => set({ minutes: Number(v) })}
      />
      <NumberInput
        label={t`Believed for so many days after the last mail`}
        min={1}
        max={365}
        value={values.days}
        onChange={(v) => set({ days: Number(v) })}
      />
      <TagsInput
        label={t`Never asked`}
        description={t`Domains that SPF proves, such as example.com, and networks, such as 192.0.2.0/24`}
        value={values.trusted}
        onChange={(trusted) => set({ trusted })}
      />
    </FormDialog>
  );
}
