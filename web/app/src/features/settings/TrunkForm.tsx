import { Trans, useLingui } from "@lingui/react/macro";
import { NumberInput, SegmentedControl, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { FormDialog } from "~/parts/FormDialog";
import { PasswordInput } from "~/parts/Password";
import { Encrypted } from "./Encrypted";
import { Manners } from "./Manners";
import { type Login, LoginFields, madeUp } from "./PBXLogin";
import { useSave } from "./parts";

type Trunk = components["schemas"]["Trunk"];
type Input = components["schemas"]["TrunkInput"];

/** A PBX that registers here has no host. */
export const registersHere = (t: Partial<Trunk>) => t.host === "";

type FormProps = { trunk: Partial<Trunk>; onClose: () => void; onLogin: (login: Login) => void };

/** A line to be made or changed. */
export function TrunkForm({ trunk, onClose, onLogin }: FormProps) {
  const { t } = useLingui();
  const { id, ...rest } = trunk;
  const [values, setValues] = useState<Input>(rest as Input);
  const set = (change: Input) => setValues((v) => ({ ...v, ...change }));
  const [here, setHere] = useState(registersHere(trunk));
  const kept = id !== undefined && registersHere(trunk) && trunk.in_username === values.in_username;
  const connects = (here: boolean) => {
    setHere(here);
    set({ in_password: here && !kept ? madeUp() : undefined });
  };
  const text = (name: "name" | "host" | "username" | "caller_id" | "prefix" | "in_username") => ({
    value: values[name] ?? "",
    onChange: (e: { currentTarget: { value: string } }) => set({ [name]: e.currentTarget.value }),
  });
  const save = useSave(
    () => {
      const body = pick(here ? { ...values, host: "", register: false } : values);
      return id
        ? ok(api.PATCH("/api/v1/trunks/{id}", { params: { path: { id } }, body }))
        : ok(api.POST("/api/v1/trunks", { body }));
    },
    [["trunks"], ["trunk-state"]],
    () => {
      if (here && values.in_password) onLogin({ username: values.in_username ?? "", password: values.in_password });
      onClose();
    },
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={id ? trunk.name : <Trans>Add a line</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <SegmentedControl
        aria-label={t`Kind`}
        value={values.kind ?? "carrier"}
        onChange={(v) => {
          set({ kind: v as Input["kind"] });
          connects(here && v === "pbx");
        }}
        data={[
          { value: "carrier", label: t`Carrier` },
          { value: "pbx", label: t`Own PBX` },
        ]}
      />
      <TextInput label={t({ message: "Name", context: "thing" })} required data-autofocus {...text("name")} />
      {values.kind === "pbx" && (
        <SegmentedControl
          aria-label={t`How it connects`}
          value={here ? "here" : "there"}
          onChange={(v) => connects(v === "here")}
          data={[
            { value: "there", label: t`It has an address` },
            { value: "here", label: t`It registers here` },
          ]}
        />
      )}
      {here ? (
        <LoginFields values={values} set={set} kept={kept} />
      ) : (
        <Reached {...{ values, set, text, kept: id !== undefined }} />
      )}
      <TagsInput
        label={here ? t`Only from` : t`Calls may also come from`}
        description={
          here ? t`Addresses or networks it may register from. Empty: any` : t`Addresses or networks, besides the host`
        }
        value={values.allow ?? []}
        onChange={(allow) => set({ allow })}
      />
      {!here && (
        <TheirLogin {...{ values, set, text, kept: id !== undefined && trunk.in_username === values.in_username }} />
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
      <Manners values={values} set={set} here={here} />
      <Encrypted value={values.srtp} onChange={(srtp) => set({ srtp })} />
      <Switch
        label={t`Sound only from the address that is announced`}
        description={t`Safest. Off: also from where the line's calls come, for a line behind NAT`}
        checked={values.strict ?? false}
        onChange={(e) => set({ strict: e.currentTarget.checked })}
      />
      <Switch
        label={t`Forwarded calls show who calls`}
        description={t`Off: they show our number. Ask your carrier whether it lets us show others`}
        checked={values.shows_caller ?? false}
        onChange={(e) => set({ shows_caller: e.currentTarget.checked })}
      />
      <Switch
        label={t`In use`}
        checked={values.active ?? true}
        onChange={(e) => set({ active: e.currentTarget.checked })}
      />
    </FormDialog>
  );
}

type Text = (name: "host" | "username" | "in_username") => {
  value: string;
  onChange: (e: { currentTarget: { value: string } }) => void;
};
type PartProps = { values: Input; set: (change: Input) => void; text: Text; kept: boolean };

/** Where a line is reached, and our log-in there. */
function Reached({ values, set, text, kept }: PartProps) {
  const { t } = useLingui();
  return (
    <>
      <TextInput
        label={t`Host`}
        description={t`Name or address, with :port if it is not the usual one`}
        required
        {...text("host")}
      />
      <Select
        label={t`Transport`}
        data={[
          { value: "udp", label: "UDP" },
          { value: "tcp", label: "TCP" },
          { value: "tls", label: "TLS" },
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
        description={kept ? t`Empty: it stays` : undefined}
        autoComplete="new-password"
        value={values.password ?? ""}
        onChange={(e) => set({ password: e.currentTarget.value || undefined })}
      />
    </>
  );
}

/** What the other side has to log in with. */
function TheirLogin({ values, set, text, kept }: PartProps) {
  const { t } = useLingui();
  return (
    <>
      <TextInput
        label={t`User the other side logs in with here`}
        description={t`Their calls must then also log in. Empty: a known address is enough`}
        autoComplete="off"
        {...text("in_username")}
      />
      {values.in_username && (
        <PasswordInput
          label={t`Password for it`}
          description={kept ? t`Empty: it stays` : undefined}
          autoComplete="new-password"
          value={values.in_password ?? ""}
          onChange={(e) => set({ in_password: e.currentTarget.value || undefined })}
        />
      )}
    </>
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
    srtp,
    proxy,
    shows,
    believes,
    verifies,
    dtmf,
    ping,
    strict,
    shows_caller,
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
    srtp,
    proxy,
    shows,
    believes,
    verifies,
    dtmf,
    ping,
    strict,
    shows_caller,
    active,
  };
}
