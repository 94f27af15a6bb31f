import { msg } from "@lingui/core/macro";
import { Plural as Count, Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";
import { explain, say } from "~/app/notify";
import { CopyText } from "~/parts/deeds";
import { PasswordInput } from "~/parts/Password";
import { State } from "~/parts/State";
import classes from "./SecondFactor.module.css";

type Setup = components["schemas"]["SecondFactorSetup"];
type Deed = "on" | "renew" | "off";

const key = ["second-factor"];
const read = () => ok(api.GET("/api/v1/me/second-factor"));
const changed = () => void client.invalidateQueries({ queryKey: key });

/** A code of an app on the phone, asked for besides the password: on, off, and new codes for who loses it. */
export function SecondFactor() {
  const { data } = useQuery({ queryKey: key, queryFn: read });
  const [deed, setDeed] = useState<Deed>();
  const [codes, setCodes] = useState<string[]>();
  const done = (made?: string[]) => {
    setDeed(undefined);
    setCodes(made);
    changed();
  };
  const left = data?.recovery ?? 0;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={3}>
          <Trans>Second factor</Trans>
        </Title>
        {data && <State is={data.on ? "live" : "off"}>{data.on ? <Trans>On</Trans> : <Trans>Off</Trans>}</State>}
      </Group>
      <Text c="dimmed">
        {data?.on ? (
          <Trans>
            Whoever logs in as you needs a code of your app.{" "}
            <Count value={left} one="# recovery code is left." other="# recovery codes are left." /> Mail programs need
            a password of their own.
          </Trans>
        ) : (
          <Trans>
            A code of an app on your phone, besides the password: who has the password alone gets no further. Mail
            programs need a password of their own then.
          </Trans>
        )}
      </Text>
      {codes && <Codes codes={codes} onDone={() => setCodes(undefined)} />}
      {deed === "on" && <SetUp onDone={done} onCancel={() => setDeed(undefined)} />}
      {deed === "renew" && <Renew onDone={done} onCancel={() => setDeed(undefined)} />}
      {deed === "off" && <Off onDone={() => done()} onCancel={() => setDeed(undefined)} />}
      {data && !deed && !codes && (
        <Group justify="flex-end">
          {!data.on && (
            <Button variant="default" onClick={() => setDeed("on")}>
              <Trans>Set up</Trans>
            </Button>
          )}
          {data.on && (
            <Button variant="default" onClick={() => setDeed("renew")}>
              <Trans>New recovery codes</Trans>
            </Button>
          )}
          {data.on && !data.required && (
            <Button variant="default" onClick={() => setDeed("off")}>
              <Trans>Switch off</Trans>
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}

type DeedProps = { onDone: (codes: string[]) => void; onCancel?: () => void };

/** Password, then the picture for the app, then a first code. */
export function SetUp({ onDone, onCancel }: DeedProps) {
  const [setup, setSetup] = useState<Setup>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/me/second-factor", { body: { password } })),
    onSuccess: setSetup,
  });
  const confirm = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/me/second-factor/confirm", { body: { code } })),
    onSuccess: (made) => onDone(made.codes),
  });
  if (!setup)
    return (
      <Deed deed={begin} save={<Trans>Go on</Trans>} onCancel={onCancel}>
        <Password value={password} onChange={setPassword} />
      </Deed>
    );
  return (
    <Deed deed={confirm} save={<Trans>Switch on</Trans>} onCancel={onCancel}>
      <div className={classes.setup}>
        <Picture src={setup.picture} />
        <Stack gap="xs" className={classes.words}>
          <Text>
            <Trans>
              Scan the code with an authenticator app, or type the key in, and enter the code that it shows.
            </Trans>
          </Text>
          <CopyText>{setup.secret}</CopyText>
          <Code value={code} onChange={setCode} autoFocus />
        </Stack>
      </div>
    </Deed>
  );
}

function Picture({ src }: { src: string }) {
  const { t } = useLingui();
  return <img src={src} alt={t`QR code for the authenticator app`} className={classes.picture} />;
}

function Renew({ onDone, onCancel }: DeedProps) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const renew = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/me/second-factor/recovery", { body: { password, code } })),
    onSuccess: (made) => onDone(made.codes),
  });
  return (
    <Deed deed={renew} save={<Trans>Make new codes</Trans>} onCancel={onCancel}>
      <Password value={password} onChange={setPassword} />
      <Code value={code} onChange={setCode} />
    </Deed>
  );
}

function Off({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const off = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/me/second-factor/off", { body: { password, code } })),
    onSuccess: () => {
      say(msg`The second factor is off`);
      onDone();
    },
  });
  return (
    <Deed deed={off} save={<Trans>Switch off</Trans>} onCancel={onCancel}>
      <Password value={password} onChange={setPassword} />
      <Code value={code} onChange={setCode} />
    </Deed>
  );
}

type DeedForm = {
  deed: { mutate: () => void; isPending: boolean; error: Error | null };
  save: ReactNode;
  onCancel?: () => void;
  children: ReactNode;
};

function Deed({ deed, save, onCancel, children }: DeedForm) {
  const submit = (e: FormEvent) => {
    e.preventDefault();
    deed.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        {deed.error && (
          <Alert color="red" role="alert">
            {explain(deed.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          {onCancel && (
            <Button variant="subtle" color="gray" onClick={onCancel}>
              <Trans>Cancel</Trans>
            </Button>
          )}
          <Button type="submit" loading={deed.isPending}>
            {save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Typed = { value: string; onChange: (v: string) => void; autoFocus?: boolean };

function Password({ value, onChange }: Typed) {
  const { t } = useLingui();
  return (
    <PasswordInput
      label={t`Your password`}
      autoComplete="current-password"
      required
      autoFocus
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

/** A code of the app, or one for recovery. */
export function Code({ value, onChange, autoFocus, ...rest }: Typed & { description?: ReactNode; optional?: boolean }) {
  const { t } = useLingui();
  return (
    <TextInput
      label={t`Code`}
      description={rest.description}
      name="code"
      autoComplete="one-time-code"
      inputMode="text"
      maxLength={40}
      required={!rest.optional}
      autoFocus={autoFocus}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

/** The codes for who loses the phone: they are not shown again. */
export function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <Alert color="orange" title={<Trans>Keep these recovery codes: they are shown only now</Trans>}>
      <Stack gap="sm">
        <Text>
          <Trans>
            Each lets you in once, in place of a code of the app. Print them, or keep them with your passwords.
          </Trans>
        </Text>
        <ul className={classes.codes}>
          {codes.map((c) => (
            <li key={c}>
              <code>{c}</code>
            </li>
          ))}
        </ul>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>
            <Trans>Copy</Trans>
          </Button>
          <Button onClick={onDone}>
            <Trans>I have kept them</Trans>
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
