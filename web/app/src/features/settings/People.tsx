import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Group, Select, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, type Department, ok, type User } from "~/api";
import { useExtensionOf, useMe } from "~/api/queries";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { word } from "~/app/words";
import HandlingDialog from "~/features/handling/HandlingDialog";
import { languages } from "~/i18n";
import { DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { PasswordInput } from "~/parts/Password";
import { Presence } from "~/parts/people";
import { Dismiss } from "./Dismiss";
import { Row, Rows, Section, useDo, useSave } from "./parts";
import { accesses, roles, supervised } from "./strings";
import { useDepartments } from "./waysOut";

type Input = components["schemas"]["NewUserInput"];

/** Colleagues, what they may see, and the departments. */
export function People() {
  const { i18n } = useLingui();
  const [edited, setEdited] = useState<Partial<User>>();
  const [leaving, setLeaving] = useState<User>();
  const [handled, setHandled] = useState<User>();
  const me = useMe();
  const reinstate = useDo(
    (id: string) => ok(api.POST("/api/v1/users/{id}/reinstate", { params: { path: { id } } })),
    [["users"], ["devices"]],
  );
  const departments = useDepartments();
  const extensionOf = useExtensionOf();
  return (
    <>
      <Section
        title={<Trans>People</Trans>}
        about={<Trans>Who works here, and which clients each one sees.</Trans>}
        action={
          <Button onClick={() => setEdited({ role: "user", access: "own", locale: "en", active: true })}>
            <Trans>Add a person</Trans>
          </Button>
        }
      >
        <Rows<User>
          queryKey={["users"]}
          read={async () => (await ok(api.GET("/api/v1/users"))).items}
          none={<Trans>Nobody yet.</Trans>}
          row={(u) => (
            <Row
              key={u.id}
              title={
                <>
                  <Presence user={u.id} /> {u.name}
                </>
              }
              detail={[
                u.login,
                extensionOf(u.id),
                departments.find((d) => d.id === u.department)?.name,
                word(accesses, u.access),
              ]
                .filter(Boolean)
                .join(" · ")}
            >
              {u.role === "admin" && <Badge>{i18n._(roles.admin!)}</Badge>}
              {!u.active && (
                <Badge color="gray">
                  <Trans>Switched off</Trans>
                </Badge>
              )}
              <Button variant="default" data-open onClick={() => setEdited(u)}>
                <Trans>Edit</Trans>
              </Button>
              {u.active && (
                <Button variant="default" onClick={() => setHandled(u)}>
                  <Trans>Calls…</Trans>
                </Button>
              )}
              {!u.active && (
                <Button variant="default" loading={reinstate.isPending} onClick={() => reinstate.mutate(u.id)}>
                  <Trans>Let back in</Trans>
                </Button>
              )}
              {u.id !== me?.id && (
                <Button variant="subtle" color="gray" onClick={() => setLeaving(u)}>
                  {u.active ? <Trans>Dismiss…</Trans> : <Trans>Hand over…</Trans>}
                </Button>
              )}
            </Row>
          )}
        />
      </Section>
      <Departments />
      {handled && <HandlingDialog user={handled} onClose={() => setHandled(undefined)} />}
      {leaving && <Dismiss user={leaving} onClose={() => setLeaving(undefined)} />}
      {edited && <UserForm user={edited} departments={departments} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function UserForm({
  user,
  departments,
  onClose,
}: {
  user: Partial<User>;
  departments: Department[];
  onClose: () => void;
}) {
  const { t, i18n } = useLingui();
  const [values, setValues] = useState<Partial<Input>>({
    login: user.login,
    name: user.name,
    email: user.email,
    role: user.role as Input["role"],
    access: user.access as Input["access"],
    supervises: user.supervises as Input["supervises"],
    department: user.department,
    locale: user.locale as Input["locale"],
    active: user.active,
  });
  const set = (change: Partial<Input>) => setValues((v) => ({ ...v, ...change }));
  const save = useSave(
    async () => {
      const { password, ...rest } = values;
      if (!user.id) return void (await ok(api.POST("/api/v1/users", { body: { ...rest, password: password ?? "" } })));
      const path = { id: user.id };
      await ok(api.PATCH("/api/v1/users/{id}", { params: { path }, body: rest }));
      if (password) await ok(api.POST("/api/v1/users/{id}/password", { params: { path }, body: { password } }));
    },
    [["users"]],
    onClose,
  );
  const options = (words: typeof roles) =>
    Object.entries(words).map(([value, word]) => ({ value, label: i18n._(word) }));
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={user.id ? user.name : <Trans>Add a person</Trans>}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t`Name`}
        required
        data-autofocus
        value={values.name ?? ""}
        onChange={(e) => set({ name: e.currentTarget.value })}
      />
      <TextInput
        label={t`Login`}
        required
        value={values.login ?? ""}
        onChange={(e) => set({ login: e.currentTarget.value })}
      />
      <TextInput
        label={t`Mail address`}
        type="email"
        value={values.email ?? ""}
        onChange={(e) => set({ email: e.currentTarget.value })}
      />
      <PasswordInput
        label={user.id ? t`New password` : t`Password`}
        description={user.id ? t`Empty: it stays. A new one ends the person's sessions.` : undefined}
        required={!user.id}
        minLength={8}
        autoComplete="new-password"
        value={values.password ?? ""}
        onChange={(e) => set({ password: e.currentTarget.value || undefined })}
      />
      {user.id && <Factor id={user.id} />}
      <Select
        label={t`Role`}
        data={options(roles)}
        value={values.role}
        onChange={(v) => set({ role: v as Input["role"] })}
      />
      <Select
        label={t`Sees`}
        data={options(accesses)}
        value={values.access}
        onChange={(v) => set({ access: v as Input["access"] })}
      />
      {values.role !== "admin" && (
        <Select
          label={t`Listens in on`}
          data={options(supervised)}
          value={values.supervises ?? ""}
          onChange={(v) => set({ supervises: (v ?? "") as Input["supervises"] })}
          allowDeselect={false}
        />
      )}
      <Select
        label={t`Department`}
        data={departments.map((d) => ({ value: d.id, label: d.name }))}
        value={values.department ?? null}
        onChange={(v) => set({ department: v ?? undefined })}
      />
      <Select
        label={t`Language`}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        value={values.locale}
        onChange={(v) => set({ locale: v as Input["locale"] })}
      />
      <Switch
        label={t`Can log in`}
        checked={values.active ?? true}
        onChange={(e) => set({ active: e.currentTarget.checked })}
      />
    </FormDialog>
  );
}

function Departments() {
  const { t } = useLingui();
  const [name, setName] = useState<string>();
  const keys = [["departments"]];
  const all = useDepartments();
  const add = useSave(
    () => ok(api.POST("/api/v1/departments", { body: { name: name ?? "" } })),
    keys,
    () => setName(undefined),
  );
  const remove = useDo((id: string) => ok(api.DELETE("/api/v1/departments/{id}", { params: { path: { id } } })), keys);
  return (
    <Section
      title={<Trans>Departments</Trans>}
      about={<Trans>Rules give new clients to a department; colleagues may see its clients.</Trans>}
      action={
        <Button onClick={() => setName("")}>
          <Trans>Add a department</Trans>
        </Button>
      }
    >
      <Rows<Department>
        queryKey={["departments"]}
        read={async () => (await ok(api.GET("/api/v1/departments"))).items}
        none={<Trans>No departments yet.</Trans>}
        row={(d) => (
          <Row key={d.id} title={d.name} detail={all.find((p) => p.id === d.parent)?.name}>
            <DeleteButton onDelete={() => remove.mutate(d.id)} />
          </Row>
        )}
      />
      <FormDialog
        opened={name !== undefined}
        onClose={() => setName(undefined)}
        title={<Trans>Add a department</Trans>}
        onSave={() => add.mutate()}
        saving={add}
      >
        <TextInput
          label={t`Name`}
          required
          data-autofocus
          value={name ?? ""}
          onChange={(e) => setName(e.currentTarget.value)}
        />
      </FormDialog>
    </Section>
  );
}

/** For who lost phone and recovery codes: the password alone lets in again, until another is set up. */
function Factor({ id }: { id: string }) {
  const take = useDo(
    () => ok(api.DELETE("/api/v1/users/{id}/second-factor", { params: { path: { id } } })),
    [],
    () => say(msg`The second factor is gone: the password alone lets in`),
  );
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" flex={1}>
        <Trans>Lost phone and recovery codes? Take the second factor; the person's sessions end.</Trans>
      </Text>
      <DeleteButton
        onDelete={() => take.mutate()}
        label={<Trans>Take it</Trans>}
        sure={<Trans>Really take it</Trans>}
      />
    </Group>
  );
}
