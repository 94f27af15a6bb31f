import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { useSave } from "~/features/settings/parts";
import { FormDialog } from "~/parts/FormDialog";
import { PasswordInput } from "~/parts/Password";
import { boxKeys, redirect, type Servers } from "./queries";
import { ServerFields } from "./ServerFields";

type Known = components["schemas"]["KnownServers"];

const unknown: Servers = { imap: "", imap_tls: "tls", smtp: "", smtp_tls: "tls" };

/** Connects a mailbox: first its address, then what its provider wants. */
export function Connect({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [days, setDays] = useState(30);
  const [known, setKnown] = useState<Known>();
  const [servers, setServers] = useState<Servers>(unknown);
  const find = useSave(
    () => ok(api.GET("/api/v1/mail/elsewhere/servers", { params: { query: { address } } })),
    [],
    (found: Known) => {
      setKnown(found);
      setServers({ imap: found.imap, imap_tls: found.imap_tls, smtp: found.smtp, smtp_tls: found.smtp_tls });
    },
  );
  const ask = useSave(
    () => ok(api.POST("/api/v1/mail/elsewhere/consent", { body: { address, name, redirect: redirect() } })),
    [],
    ({ url }) => location.assign(url),
  );
  const add = useSave(
    () => ok(api.POST("/api/v1/mail/elsewhere", { body: { address, name, login, password, days, servers } })),
    boxKeys,
    onClose,
  );
  const step = !known ? find : known.provider ? ask : add;
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Connect a mailbox</Trans>}
      onSave={() => step.mutate()}
      saving={step}
      save={
        !known ? <Trans>Next</Trans> : known.provider ? <Trans>Log in at the provider</Trans> : <Trans>Connect</Trans>
      }
    >
      <TextInput
        label={t`Mail address`}
        type="email"
        required
        data-autofocus
        value={address}
        onChange={(e) => {
          setAddress(e.currentTarget.value);
          setKnown(undefined);
        }}
      />
      {known && (
        <>
          <TextInput label={t`Name shown to others`} value={name} onChange={(e) => setName(e.currentTarget.value)} />
          {!known.provider && (
            <>
              <Advice of={known} />
              <PasswordInput
                label={t`Password of the mailbox`}
                autoComplete="off"
                required
                value={password}
                onChange={(e) => setPassword(e.currentTarget.value)}
              />
              <NumberInput
                label={t`Fetch mail of the last days`}
                min={1}
                max={3650}
                value={days}
                onChange={(v) => setDays(Number(v))}
              />
              <ServerFields
                found={known.found}
                servers={servers}
                login={login}
                onServers={setServers}
                onLogin={setLogin}
              />
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}

function Advice({ of: known }: { of: Known }) {
  if (!known.found)
    return (
      <Alert color="gray">
        <Trans>The servers of this address are not known. Enter what its provider says.</Trans>
      </Alert>
    );
  if (known.advice === "app-password")
    return (
      <Alert color="gray">
        <Trans>
          This provider takes an app password here, not your own one: make one in its settings, under security.
        </Trans>
      </Alert>
    );
  if (known.advice === "switched-on")
    return (
      <Alert color="gray">
        <Trans>First switch on access by IMAP in this provider's mail settings.</Trans>
      </Alert>
    );
  return null;
}
