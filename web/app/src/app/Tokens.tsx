import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { client, useMe } from "~/api/queries";
import type { components } from "~/api/schema";
import { day, unset } from "~/i18n/format";
import { CopyText, DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./Account.module.css";
import { complain } from "./notify";
import { scopes, word } from "./words";

type Token = components["schemas"]["Token"];
type Scope = Token["scope"];

export const tokensKey = ["own-tokens"];

/** Keys with which other programs do what the person may do. */
export function Tokens() {
  const { data, error, refetch } = useQuery({
    queryKey: tokensKey,
    queryFn: async () => (await ok(api.GET("/api/v1/tokens"))).items,
  });
  return (
    <Stack gap="sm">
      <Title order={3}>
        <Trans>API tokens</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>
          A program that has one acts as you. Give each program its own, and revoke it when the program is not used any
          more. A token never makes others, and never changes passwords.
        </Trans>
      </Text>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      {data && data.length > 0 && (
        <ul className={classes.sessions}>
          {data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
      <Make />
    </Stack>
  );
}

function TokenRow({ token }: { token: Token }) {
  const revoke = useMutation({
    mutationFn: () => ok(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id: token.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
    onError: complain,
  });
  const made = day(token.created);
  return (
    <li className={classes.session} {...step}>
      <div className={classes.where}>
        <Text fw={500} truncate>
          {token.name}
        </Text>
        <Text c="dimmed" size="xs">
          {word(scopes, token.scope)} · <Trans>made {made}</Trans> · <Used at={token.used} /> ·{" "}
          <Ends at={token.expires} />
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

function Used({ at }: { at: string }) {
  if (unset(at)) return <Trans>never used</Trans>;
  return (
    <Trans>
      last used <When at={at} />
    </Trans>
  );
}

function Ends({ at }: { at: string }) {
  if (unset(at)) return <Trans>does not expire</Trans>;
  const until = day(at);
  if (Date.parse(at) < Date.now())
    return (
      <Text span inherit c="var(--fd-bad)">
        <Trans>expired {until}</Trans>
      </Text>
    );
  return <Trans>expires {until}</Trans>;
}

const lifetimes = ["30", "90", "365", ""] as const; // days

/** Makes a token and shows it, this once. */
function Make() {
  const { t, i18n } = useLingui();
  const me = useMe();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("read");
  const [days, setDays] = useState<string>("90");
  const make = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/tokens", { body: { name: name.trim(), scope, expires: ends(days) } })),
    onSuccess: () => {
      setName("");
      void client.invalidateQueries({ queryKey: tokensKey });
    },
    onError: complain,
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    make.mutate();
  };
  const offered = (Object.keys(scopes) as Scope[]).filter((s) => s !== "admin" || me?.role === "admin");
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
            label={<Trans>What it is for</Trans>}
            placeholder={t`Website form`}
            required
            maxLength={200}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
          />
          <Select
            flex={2}
            label={<Trans>May</Trans>}
            allowDeselect={false}
            data={offered.map((s) => ({ value: s, label: i18n._(scopes[s]!) }))}
            value={scope}
            onChange={(s) => setScope(s as Scope)}
          />
          <Select
            flex={1}
            label={<Trans>Expires</Trans>}
            allowDeselect={false}
            data={lifetimes.map((d) => ({ value: d, label: d ? t`in ${d} days` : t`never` }))}
            value={days}
            onChange={(d) => setDays(d ?? "90")}
          />
          <Button type="submit" size="sm" loading={make.isPending}>
            <Trans>Make</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ends(days: string): string | undefined {
  return days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : undefined;
}
