import { Trans, useLingui } from "@lingui/react/macro";
import {
  Badge,
  Button,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import shared from "~/parts/parts.module.css";
import { State } from "~/parts/State";
import { DeleteButton, FormDialog, Row, Rows, Section, useDo } from "./parts";
import classes from "./Settings.module.css";
import { troubles, trunkStates } from "./strings";
import { troubleOf } from "./trouble";

type Trunk = components["schemas"]["Trunk"];
type Status = components["schemas"]["TrunkStatus"];
type Test = components["schemas"]["TrunkTest"];
type Input = components["schemas"]["TrunkInput"];

const key = ["trunks"];

/** Carriers and the company's own PBX, each with how its line does. */
export function Trunks() {
  const [edited, setEdited] = useState<Partial<Trunk>>();
  return (
    <Section
      title={<Trans>Lines</Trans>}
      about={<Trans>A carrier brings rented numbers. A PBX you already have connects the same way.</Trans>}
      action={
        <Button onClick={() => setEdited({ kind: "carrier", transport: "udp", register: false, active: true })}>
          <Trans>Add a line</Trans>
        </Button>
      }
    >
      <Rows<Trunk>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/trunks"))).items}
        none={<Trans>No line yet. Add your carrier or your PBX; the test tells at once whether it works.</Trans>}
        row={(t) => <TrunkRow key={t.id} trunk={t} onEdit={() => setEdited(t)} />}
      />
      {edited && <TrunkForm trunk={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function TrunkRow({ trunk, onEdit }: { trunk: Trunk; onEdit: () => void }) {
  const path = { id: trunk.id };
  const stateKey = ["trunk-state", trunk.id];
  const status = useQuery({
    queryKey: stateKey,
    queryFn: () => ok(api.GET("/api/v1/trunks/{id}/status", { params: { path } })),
    refetchInterval: 15_000,
  });
  const test = useDo(() => ok(api.POST("/api/v1/trunks/{id}/test", { params: { path } })), [stateKey]);
  const remove = useDo(() => ok(api.DELETE("/api/v1/trunks/{id}", { params: { path } })), [key]);
  const where = [trunk.host, trunk.transport.toUpperCase(), trunk.register && trunk.username]
    .filter(Boolean)
    .join(" · ");
  return (
    <Row
      title={
        <>
          {trunk.name} {trunk.kind === "pbx" && <Badge>PBX</Badge>}
        </>
      }
      detail={
        <>
          {where}
          {status.data?.problem && <Problem said={status.data.problem} />}
        </>
      }
    >
      <TrunkLight trunk={trunk} status={status.data} />
      <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        <Trans>Test</Trans>
      </Button>
      <Button variant="default" onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
      <DeleteButton onDelete={() => remove.mutate()} />
      {test.data && <Steps test={test.data} />}
    </Row>
  );
}

/** What is wrong, in plain words; what was said on the wire, one click deeper. */
function Problem({ said }: { said: string }) {
  const { i18n } = useLingui();
  return (
    <details>
      <summary>{i18n._(troubles[troubleOf(said)])}</summary>
      <code className={shared.code}>{said}</code>
    </details>
  );
}

function TrunkLight({ trunk, status }: { trunk: Trunk; status: Status | undefined }) {
  if (!trunk.active) return <State is="off">{word(trunkStates, "off")}</State>;
  if (!status) return <State is="off">…</State>;
  if (status.problem) return <State is="bad">{word(trunkStates, status.reachable ? "refused" : "unreachable")}</State>;
  if (status.registered) return <State is="live">{word(trunkStates, "registered")}</State>;
  return status.reachable ? (
    <State is="live">{word(trunkStates, "reachable")}</State>
  ) : (
    <State is="wait">{word(trunkStates, "unknown")}</State>
  );
}

/** What the test did and what the peer said, step by step. */
function Steps({ test }: { test: Test }) {
  return (
    <ul className={classes.steps} aria-live="polite">
      {test.steps.map((step) => (
        <li key={step.what}>
          <State is={step.ok ? "live" : "bad"}>{step.what}</State>{" "}
          {step.told && <code className={shared.code}>{step.told}</code>}
        </li>
      ))}
    </ul>
  );
}

function TrunkForm({ trunk, onClose }: { trunk: Partial<Trunk>; onClose: () => void }) {
  const { t } = useLingui();
  const { id, ...rest } = trunk;
  const [values, setValues] = useState<Input>(rest as Input);
  const set = (change: Input) => setValues((v) => ({ ...v, ...change }));
  const text = (name: "name" | "host" | "username" | "caller_id" | "prefix" | "in_username") => ({
    value: values[name] ?? "",
    onChange: (e: { currentTarget: { value: string } }) => set({ [name]: e.currentTarget.value }),
  });
  const save = useDo(
    () => {
      const body = pick(values);
      return id
        ? ok(api.PATCH("/api/v1/trunks/{id}", { params: { path: { id } }, body }))
        : ok(api.POST("/api/v1/trunks", { body }));
    },
    [key, ["trunk-state"]],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={id ? trunk.name : <Trans>Add a line</Trans>}
      onSave={() => save.mutate()}
      busy={save.isPending}
    >
      <SegmentedControl
        aria-label={t`Kind`}
        value={values.kind ?? "carrier"}
        onChange={(v) => set({ kind: v as Input["kind"] })}
        data={[
          { value: "carrier", label: t`Carrier` },
          { value: "pbx", label: t`Own PBX` },
        ]}
      />
      <TextInput label={t`Name`} required data-autofocus {...text("name")} />
      <TextInput
        label={t`Host`}
        description={t`Name or address, with :port if it is not 5060`}
        required
        {...text("host")}
      />
      <Select
        label={t`Transport`}
        data={[
          { value: "udp", label: "UDP" },
          { value: "tcp", label: "TCP" },
        ]}
        value={values.transport ?? "udp"}
        onChange={(v) => set({ transport: v as Input["transport"] })}
      />
      <Switch
        label={t`Log in there (REGISTER)`}
        checked={values.register ?? false}
        onChange={(e) => set({ register: e.currentTarget.checked })}
      />
      <TextInput label={t`User`} {...text("username")} />
      <PasswordInput
        label={t`Password`}
        description={id ? t`Empty: it stays` : undefined}
        autoComplete="new-password"
        value={values.password ?? ""}
        onChange={(e) => set({ password: e.currentTarget.value || undefined })}
      />
      <TagsInput
        label={t`Calls may also come from`}
        description={t`Addresses or networks, besides the host`}
        value={values.allow ?? []}
        onChange={(allow) => set({ allow })}
      />
      <TextInput
        label={t`User the other side logs in with here`}
        description={t`Their calls must then also log in. Empty: a known address is enough`}
        autoComplete="off"
        {...text("in_username")}
      />
      {values.in_username && (
        <PasswordInput
          label={t`Password for it`}
          description={id && trunk.in_username === values.in_username ? t`Empty: it stays` : undefined}
          autoComplete="new-password"
          value={values.in_password ?? ""}
          onChange={(e) => set({ in_password: e.currentTarget.value || undefined })}
        />
      )}
      <TextInput label={t`Number shown when calling out`} {...text("caller_id")} />
      {values.kind === "pbx" && (
        <TextInput
          label={t`Prefix of its extensions`}
          description={t`Dialled before an extension of the PBX, and left out there`}
          {...text("prefix")}
        />
      )}
      <Select
        label={t`Numbers are sent as`}
        data={[
          { value: "plus", label: "+40211234567" },
          { value: "digits", label: "40211234567" },
          { value: "national", label: "0211234567" },
        ]}
        value={values.format || "plus"}
        onChange={(v) => set({ format: v as Input["format"] })}
      />
      <NumberInput
        label={t`Calls at once`}
        description={t`0: no limit`}
        min={0}
        value={values.max_calls ?? 0}
        onChange={(v) => set({ max_calls: Number(v) })}
      />
      <Switch
        label={t`Sound only from the address that is announced`}
        description={t`Safest. Off: also from where the line's calls come, for a line behind NAT`}
        checked={values.strict ?? false}
        onChange={(e) => set({ strict: e.currentTarget.checked })}
      />
      <Switch
        label={t`In use`}
        checked={values.active ?? true}
        onChange={(e) => set({ active: e.currentTarget.checked })}
      />
    </FormDialog>
  );
}

/** What the server takes; what was left empty stays as it is. */
function pick(v: Input): Input {
  const {
    name,
    kind,
    host,
    transport,
    register,
    username,
    password,
    allow,
    in_username,
    in_password,
    caller_id,
    prefix,
    format,
    max_calls,
    strict,
    active,
  } = v;
  return {
    name,
    kind,
    host,
    transport,
    register,
    username,
    password,
    allow,
    in_username,
    in_password: in_username ? in_password : undefined,
    caller_id,
    prefix,
    format: format || undefined,
    max_calls,
    strict,
    active,
  };
}
