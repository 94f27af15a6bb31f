import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Switch, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, ok } from "~/api";
import { complain } from "~/app/notify";
import { Row, Rows, Section, useDo } from "~/features/settings/parts";
import { DeleteButton } from "~/parts/deeds";
import { Page } from "~/parts/Page";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { Connect } from "./Connect";
import { FolderChoice } from "./FolderChoice";
import { boxKeys, type Elsewhere, elsewhereKey, readElsewhere, redirect } from "./queries";
import { Renew } from "./Renew";

/** The person's mailboxes at other providers, and how they do. */
export default function ElsewherePage() {
  const { t } = useLingui();
  const [adding, setAdding] = useState(false);
  const [choosing, setChoosing] = useState<Elsewhere>();
  const [renewing, setRenewing] = useState<Elsewhere>();
  useReturned();
  return (
    <Page title={t`Mailboxes kept elsewhere`}>
      <Section
        title={<Trans>Yours</Trans>}
        about={
          <Trans>
            Mail at Gmail, Outlook or another provider is read and written here like any other, and stands with your
            clients. There everything stays where it is.
          </Trans>
        }
        action={
          <Button onClick={() => setAdding(true)}>
            <Trans>Connect a mailbox</Trans>
          </Button>
        }
      >
        <Rows<Elsewhere>
          queryKey={elsewhereKey}
          read={readElsewhere}
          none={<Trans>None is connected. You need its address, and its password or a log-in at its provider.</Trans>}
          row={(a) => <Account key={a.id} of={a} onFolders={setChoosing} onRenew={setRenewing} />}
        />
      </Section>
      {adding && <Connect onClose={() => setAdding(false)} />}
      {choosing && <FolderChoice of={choosing} onClose={() => setChoosing(undefined)} />}
      {renewing && <Renew of={renewing} onClose={() => setRenewing(undefined)} />}
    </Page>
  );
}

/** Ends the log-in that a provider sent the browser back from. */
function useReturned() {
  const done = useDo(
    (body: { state: string; code: string }) => ok(api.POST("/api/v1/mail/elsewhere/consent/done", { body })),
    boxKeys,
  );
  const { mutate } = done;
  const once = useRef(false);
  const { t } = useLingui();
  useEffect(() => {
    const said = new URLSearchParams(location.search);
    const [state, code, refused] = [said.get("state"), said.get("code"), said.get("error")];
    if (once.current || !state) return;
    once.current = true;
    history.replaceState(null, "", location.pathname);
    if (code) mutate({ state, code });
    else complain(new Error(t`The provider did not let us in: ${refused ?? ""}`));
  }, [mutate, t]);
}

type RowProps = { of: Elsewhere; onFolders: (a: Elsewhere) => void; onRenew: (a: Elsewhere) => void };

function Account({ of: a, onFolders, onRenew }: RowProps) {
  const { t } = useLingui();
  const path = { params: { path: { id: a.id } } };
  const turn = useDo(
    (active: boolean) => ok(api.PATCH("/api/v1/mail/elsewhere/{id}", { ...path, body: { active } })),
    [elsewhereKey],
  );
  const remove = useDo(() => ok(api.DELETE("/api/v1/mail/elsewhere/{id}", path)), boxKeys);
  const locked = a.state === "login" || a.state === "consent" || a.state === "key";
  return (
    <Row title={a.address} detail={<Detail of={a} />}>
      <State is={light(a)}>
        <Said of={a} />
      </State>
      {locked && (
        <Button data-open onClick={() => (a.provider ? askAgain(a) : onRenew(a))}>
          {a.provider ? <Trans>Log in again</Trans> : <Trans>New password</Trans>}
        </Button>
      )}
      <Switch
        checked={a.active}
        disabled={turn.isPending}
        onChange={(e) => turn.mutate(e.currentTarget.checked)}
        aria-label={t`On`}
      />
      <Button variant="default" data-open onClick={() => onFolders(a)}>
        <Trans>Folders</Trans>
      </Button>
      <DeleteButton
        onDelete={() => remove.mutate()}
        label={<Trans>Disconnect</Trans>}
        sure={<Trans>Really disconnect</Trans>}
      />
    </Row>
  );
}

/** Sends the person to the provider once more. */
function askAgain(a: Elsewhere) {
  ok(api.POST("/api/v1/mail/elsewhere/consent", { body: { address: a.address, redirect: redirect() } })).then(
    ({ url }) => location.assign(url),
    complain,
  );
}

function Detail({ of: a }: { of: Elsewhere }) {
  const left = a.todo - a.done;
  if (left > 0)
    return (
      <Trans>
        Mail of the past comes in: {a.done} of {a.todo}
      </Trans>
    );
  if (a.told)
    return (
      <Text inherit truncate title={a.told}>
        {a.told}
      </Text>
    );
  return (
    <Plural
      value={a.days}
      one="mail of the last day and all that comes"
      other="mail of the last # days and all that comes"
    />
  );
}

const light = (a: Elsewhere): Meaning =>
  (({ works: "live", new: "wait", away: "wait", off: "off" }) as Record<string, Meaning>)[a.state] ?? "bad";

function Said({ of: a }: { of: Elsewhere }) {
  switch (a.state) {
    case "works":
      return <Trans>Connected</Trans>;
    case "new":
      return <Trans>Connecting…</Trans>;
    case "off":
      return <Trans>Switched off</Trans>;
    case "login":
      return <Trans>The password is refused</Trans>;
    case "consent":
      return <Trans>The provider asks you to log in again</Trans>;
    case "key":
      return <Trans>Its password can't be read here: tell your administrator</Trans>;
    default:
      return (
        <Trans>
          Not reached since <When at={a.since} />
        </Trans>
      );
  }
}
