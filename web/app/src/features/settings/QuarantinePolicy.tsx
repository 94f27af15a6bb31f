import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NumberInput, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { fileSize } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { Row, useSave } from "./parts";
import classes from "./Settings.module.css";
import { stopActions } from "./strings";

type Policy = components["schemas"]["QuarantinePolicy"];

export const quarantinePolicyKey = ["mail-quarantine-policy"];

/** What becomes of mail that is stopped, and how much of it is kept. */
export function QuarantinePolicy() {
  const [edited, setEdited] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: quarantinePolicyKey,
    queryFn: () => ok(api.GET("/api/v1/mail/quarantine-policy")),
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={1} />;
  const { scanner, mails, bytes, ...policy } = data;
  const { days } = policy;
  const [used, room] = [fileSize(bytes), fileSize(policy.room * 1e6)];
  return (
    <>
      <ul className={classes.rows}>
        <Row
          title={
            <Trans>
              {used} of {room} used, kept for {days} days
            </Trans>
          }
          detail={
            <>
              <Trans>With a virus: {word(stopActions, policy.virus)}</Trans> ·{" "}
              <Trans>Forged: {word(stopActions, policy.forged)}</Trans> ·{" "}
              <Trans>Certain junk: {word(stopActions, policy.spam)}</Trans>
            </>
          }
        >
          {scanner ? (
            <State is="live">
              <Trans>Mail is scanned for viruses</Trans>
            </State>
          ) : (
            <State is="off">
              <Trans>No virus scanner (mail.clamd)</Trans>
            </State>
          )}
          <Button variant="default" data-open onClick={() => setEdited(true)}>
            <Trans>Edit</Trans>
          </Button>
        </Row>
      </ul>
      {edited && <PolicyForm policy={policy} onClose={() => setEdited(false)} />}
    </>
  );
}

function PolicyForm({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const { t } = useLingui();
  const [values, setValues] = useState(policy);
  const set = (change: Partial<Policy>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(
    () => ok(api.PUT("/api/v1/mail/quarantine-policy", { body: values })),
    [quarantinePolicyKey],
    onClose,
  );
  const choices = (list: (keyof typeof stopActions)[]) =>
    list.map((value) => ({ value, label: word(stopActions, value) }));
  const every = choices(["junk", "quarantine", "reject"]);
  return (
    <FormDialog opened onClose={onClose} title={<Trans>Quarantine</Trans>} onSave={() => save.mutate()} saving={save}>
      <Select
        label={t`Mail with a virus`}
        allowDeselect={false}
        data={choices(["quarantine", "reject"])}
        value={values.virus}
        onChange={(v) => v && set({ virus: v as Policy["virus"] })}
      />
      <Select
        label={t`Forged mail`}
        description={t`Its domain asks (DMARC) not to believe it, or it claims without proof to come from you.`}
        allowDeselect={false}
        data={every}
        value={values.forged}
        onChange={(v) => v && set({ forged: v as Policy["forged"] })}
      />
      <Select
        label={t`Mail that is junk beyond doubt`}
        allowDeselect={false}
        data={every}
        value={values.spam}
        onChange={(v) => v && set({ spam: v as Policy["spam"] })}
      />
      <NumberInput
        label={t`Kept for, days`}
        min={1}
        max={365}
        value={values.days}
        onChange={(v) => set({ days: Number(v) })}
      />
      <NumberInput
        label={t`Room for all of it, MB`}
        description={t`What finds no room is refused, so that its sender hears of it.`}
        min={1}
        max={1_000_000}
        value={values.room}
        onChange={(v) => set({ room: Number(v) })}
      />
    </FormDialog>
  );
}
