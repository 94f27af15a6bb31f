import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { PasswordInput } from "~/parts/Password";
import { State } from "~/parts/State";
import { Row, Rows, Section, useDo, useSave } from "./parts";

type Host = components["schemas"]["SmartHost"];

const key = ["smarthosts"];

/** Servers that send our mail on, in the order in which they are asked. */
export function SmartHosts() {
  const [edited, setEdited] = useState<Partial<Host>>();
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/mail/smarthosts/{id}", { params: { path: { id } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Sent through</Trans>}
      about={
        <Trans>
          A provider's server that sends your mail on. When one does not answer, the next one of the same domain is
          asked.
        </Trans>
      }
      action={
        <Button onClick={() => setEdited({})}>
          <Trans>Add a server</Trans>
        </Button>
      }
    >
      <Rows<Host>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/smarthosts"))).items}
        none={<Trans>None: mail goes the way that the server's configuration says.</Trans>}
        row={(h) => (
          <Row key={h.id} title={h.address} detail={<Whose host={h} />}>
            <Trial id={h.id} />
            <Button variant="default" data-open onClick={() => setEdited(h)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton onDelete={() => remove.mutate(h.id)} />
          </Row>
        )}
      />
      {edited && <HostForm host={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function Whose({ host }: { host: Host }) {
  return (
    <>
      {host.domain ? <Trans>Mail of {host.domain}</Trans> : <Trans>Mail of all domains</Trans>}
      {host.user && ` · ${host.user}`}
    </>
  );
}

function Trial({ id }: { id: string }) {
  const test = useDo(() => ok(api.POST("/api/v1/mail/smarthosts/{id}/test", { params: { path: { id } } })), []);
  return (
    <>
      {test.data &&
        (test.data.ok ? (
          <State is="live">
            <Trans>It takes our mail</Trans>
          </State>
        ) : (
          <State is="bad">{test.data.answer}</State>
        ))}
      <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        <Trans>Test</Trans>
      </Button>
    </>
  );
}

function HostForm({ host, onClose }: { host: Partial<Host>; onClose: () => void }) {
  const { t } = useLingui();
  const domains = useQuery({
    queryKey: ["mail-domains"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/domains"))).items,
  });
  const [values, setValues] = useState({
    domain: host.domain ?? "",
    position: host.position ?? 0,
    address: host.address ?? "",
    user: host.user ?? "",
    tls: host.tls ?? ("starttls" as Host["tls"]),
    password: "",
  });
  const set = (change: Partial<typeof values>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(
    () =>
      host.id
        ? ok(api.PUT("/api/v1/mail/smarthosts/{id}", { params: { path: { id: host.id } }, body: values }))
        : ok(api.POST("/api/v1/mail/smarthosts", { body: values })),
    [key],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={host.address ?? <Trans>Add a server</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Server and port`}
        placeholder="smtp.example.com:587"
        required
        data-autofocus
        value={values.address}
        onChange={(e) => set({ address: e.currentTarget.value })}
      />
      <Select
        label={t`Encryption`}
        allowDeselect={false}
        data={[
          { value: "starttls", label: t`STARTTLS, with a valid certificate (port 587)` },
          { value: "tls", label: t`TLS from the first byte (port 465)` },
          { value: "", label: t`If it is offered; without a log-in only` },
        ]}
        value={values.tls}
        onChange={(tls) => set({ tls: tls as Host["tls"] })}
      />
      <TextInput label={t`User`} value={values.user} onChange={(e) => set({ user: e.currentTarget.value })} />
      <PasswordInput
        label={t`Password`}
        description={host.id ? t`Leave empty to keep it` : undefined}
        value={values.password}
        onChange={(e) => set({ password: e.currentTarget.value })}
      />
      <Select
        label={t`For mail of`}
        allowDeselect={false}
        data={[
          { value: "", label: t`All domains` },
          ...(domains.data ?? []).map((d) => ({ value: d.name, label: d.name })),
        ]}
        value={values.domain}
        onChange={(domain) => set({ domain: domain ?? "" })}
      />
      <NumberInput
        label={t`Order`}
        description={t`The lowest is asked first`}
        min={0}
        value={values.position}
        onChange={(v) => set({ position: Number(v) })}
      />
    </FormDialog>
  );
}
