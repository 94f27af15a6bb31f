import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Checkbox, Group, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { client, useMe } from "~/api/queries";
import type { components } from "~/api/schema";
import { unset } from "~/i18n/format";
import { CopyText, DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./Account.module.css";
import { complain } from "./notify";

type Password = components["schemas"]["MailPassword"];
type Rule = components["schemas"]["MailPasswordRule"];

const key = ["mail-passwords"];
const ruleKey = ["mail-password-rule"];

/** Passwords of mail programs: one each, so that a lost phone costs one of them. */
export function MailPasswords() {
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () => (await ok(api.GET("/api/v1/mail/passwords"))).items,
  });
  return (
    <Stack gap="sm">
      <Title order={3}>
        <Trans>Passwords for mail programs</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>
          Give each phone and mail program its own: it opens your mail and nothing else, and is revoked alone when the
          phone is lost. Log in there with your mail address.
        </Trans>
      </Text>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      {data && data.length > 0 && (
        <ul className={classes.sessions}>
          {data.map((p) => (
            <PasswordRow key={p.id} password={p} />
          ))}
        </ul>
      )}
      <Make />
      <OwnPassword />
    </Stack>
  );
}

function PasswordRow({ password: p }: { password: Password }) {
  const revoke = useMutation({
    mutationFn: () => ok(api.DELETE("/api/v1/mail/passwords/{id}", { params: { path: { id: p.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
    onError: complain,
  });
  return (
    <li className={classes.session} {...step}>
      <div className={classes.where}>
        <Text fw={500} truncate>
          {p.name}
        </Text>
        <Text c="dimmed" size="xs">
          {p.reads && p.sends ? (
            <Trans>reads and sends</Trans>
          ) : p.reads ? (
            <Trans>only reads</Trans>
          ) : (
            <Trans>only sends</Trans>
          )}
          {" · "}
          {unset(p.used) ? (
            <Trans>never used</Trans>
          ) : (
            <Trans>
              last used <When at={p.used} />
            </Trans>
          )}
        </Text>
      </div>
      <DeleteButton
        onDelete={() => revoke.mutate()}
        label={<Trans>Revoke</Trans>}
        sure={<Trans>Really revoke</Trans>}
      />
    </li>
  );
}

/** Makes a password and shows it, this once. */
function Make() {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [reads, setReads] = useState(true);
  const [sends, setSends] = useState(true);
  const make = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/mail/passwords", { body: { name: name.trim(), reads, sends } })),
    onSuccess: () => {
      setName("");
      void client.invalidateQueries({ queryKey: key });
    },
    onError: complain,
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {make.data && (
          <Alert color="green" title={t`Copy it now: it is not shown again`} role="status">
            <CopyText>{make.data.secret}</CopyText>
          </Alert>
        )}
        <Group gap="sm" align="flex-end" className={classes.make}>
          <TextInput
            flex={2}
            label={<Trans>Phone or program</Trans>}
            placeholder={t`My phone`}
            required
            maxLength={100}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!reads && !sends} loading={make.isPending}>
            <Trans>Create a password</Trans>
          </Button>
        </Group>
        <Group gap="lg">
          <Checkbox label={t`Reads (IMAP)`} checked={reads} onChange={(e) => setReads(e.currentTarget.checked)} />
          <Checkbox label={t`Sends (SMTP)`} checked={sends} onChange={(e) => setSends(e.currentTarget.checked)} />
        </Group>
      </Stack>
    </form>
  );
}

/** Whether one's own password opens mail programs, too. */
function OwnPassword() {
  const { t } = useLingui();
  const me = useMe();
  const { data } = useQuery({ queryKey: ruleKey, queryFn: async () => ok(api.GET("/api/v1/mail/password-rule")) });
  const change = useMutation({
    mutationFn: (body: Rule) => ok(api.PUT("/api/v1/mail/password-rule", { body })),
    onSuccess: (rule) => client.setQueryData(ruleKey, rule),
    onError: complain,
  });
  if (!data) return null;
  return (
    <>
      <Switch
        label={t`My own password opens no mail program`}
        checked={data.only || data.company}
        disabled={data.company}
        onChange={(e) => change.mutate({ ...data, only: e.currentTarget.checked })}
      />
      {me?.role === "admin" && (
        <Switch
          label={t`Nobody's own password opens a mail program`}
          checked={data.company}
          onChange={(e) => change.mutate({ ...data, company: e.currentTarget.checked })}
        />
      )}
    </>
  );
}
