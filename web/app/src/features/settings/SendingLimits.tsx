import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NumberInput, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { Row, Section, useDo, useSave } from "./parts";
import classes from "./Settings.module.css";

type Rule = components["schemas"]["SendingLimit"];

const key = ["sending-limits"];

/** How much mail one person may send, so that a stolen password is worth little. */
export function SendingLimits() {
  const users = useUsers();
  const [edited, setEdited] = useState<Rule>();
  const limits = useQuery({ queryKey: key, queryFn: async () => ok(api.GET("/api/v1/mail/sending-limits")) });
  const forget = useDo(
    (id: string) => ok(api.DELETE("/api/v1/mail/sending-limits/{id}", { params: { path: { id } } })),
    [key],
  );
  const nameOf = (id: string) => users.find((u) => u.id === id)?.name ?? id;
  return (
    <Section
      title={<Trans>Limits of sending</Trans>}
      about={
        <Trans>
          Recipients that one person may write to. Who comes over it is stopped, and you get a mail: the password may
          have been stolen.
        </Trans>
      }
      action={
        <Button onClick={() => setEdited({ user: "?", minute: 120, day: 2000 })}>
          <Trans>Add an exception</Trans>
        </Button>
      }
    >
      {limits.error && <Failure error={limits.error} retry={() => void limits.refetch()} />}
      {!limits.data && !limits.error && <LateRows count={1} />}
      {limits.data && (
        <ul className={classes.rows}>
          {limits.data.rules.map((r) => (
            <Row
              key={r.user}
              title={r.user ? nameOf(r.user) : <Trans>Everybody else</Trans>}
              detail={<Amount rule={r} />}
            >
              <Button variant="default" data-open onClick={() => setEdited(r)}>
                <Trans>Edit</Trans>
              </Button>
              {r.user && <DeleteButton onDelete={() => forget.mutate(r.user)} />}
            </Row>
          ))}
          {limits.data.stopped.map((id) => (
            <Row key={`stopped ${id}`} title={nameOf(id)}>
              <State is="bad">
                <Trans>Came to the limit today or yesterday</Trans>
              </State>
            </Row>
          ))}
        </ul>
      )}
      {edited && <RuleForm rule={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function Amount({ rule: { minute, day } }: { rule: Rule }) {
  return (
    <>
      {minute > 0 ? <Trans>{minute} in a minute</Trans> : <Trans>any number in a minute</Trans>}
      {" · "}
      {day > 0 ? <Trans>{day} in 24 hours</Trans> : <Trans>any number in 24 hours</Trans>}
    </>
  );
}

function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useLingui();
  const users = useUsers();
  const [values, setValues] = useState({ ...rule, user: rule.user === "?" ? "" : rule.user });
  const set = (change: Partial<Rule>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(() => ok(api.PUT("/api/v1/mail/sending-limits", { body: values })), [key], onClose);
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Limits of sending</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      {rule.user === "?" && (
        <Select
          label={t`Person`}
          required
          searchable
          data={users.map((u) => ({ value: u.id, label: u.name }))}
          value={values.user || null}
          onChange={(user) => set({ user: user ?? "" })}
        />
      )}
      <NumberInput
        label={t`Recipients in a minute`}
        description={t`0: any number`}
        min={0}
        value={values.minute}
        onChange={(v) => set({ minute: Number(v) })}
      />
      <NumberInput
        label={t`Recipients in 24 hours`}
        description={t`0: any number`}
        min={0}
        value={values.day}
        onChange={(v) => set({ day: Number(v) })}
      />
    </FormDialog>
  );
}
