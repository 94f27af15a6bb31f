import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, List, Select, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, type User } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { FormDialog } from "~/parts/FormDialog";
import { useSave } from "./parts";

type Dismissal = components["schemas"]["Dismissal"];
type Holdings = components["schemas"]["Holdings"];
type Kind = "clients" | "deals" | "tasks" | "numbers" | "mailboxes";

const kinds: Kind[] = ["clients", "deals", "tasks", "numbers", "mailboxes"];

/** Ends somebody's work here: tells what he holds, and asks who takes it over. */
export function Dismiss({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useLingui();
  const [to, setTo] = useState<Partial<Dismissal>>({});
  const [apart, setApart] = useState(false);
  const heirs = useUsers().filter((u) => u.active && u.id !== user.id);
  const path = { id: user.id };
  const held = useQuery({
    queryKey: ["holdings", user.id],
    queryFn: () => ok(api.GET("/api/v1/users/{id}/holdings", { params: { path } })),
    gcTime: 0,
  }).data;
  const labels: Record<Kind, string> = {
    clients: t`Clients and leads go to`,
    deals: t`Deals go to`,
    tasks: t`Tasks and unanswered mails go to`,
    numbers: t`Numbers ring`,
    mailboxes: t`Mailboxes are read by`,
  };
  const save = useSave(
    () =>
      ok(
        api.POST("/api/v1/users/{id}/dismiss", {
          params: { path },
          body: { ...(apart ? to : {}), to: to.to ?? "" },
        }),
      ),
    [["users"], ["numbers"], ["extensions"], ["devices"], ["rules"], ["mailboxes"], ["contacts"], ["leads"], ["deals"]],
    onClose,
  );
  const data = heirs.map((u) => ({ value: u.id, label: u.name }));
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>{user.name} leaves</Trans>}
      onSave={() => save.mutate()}
      saving={save}
      save={<Trans>Hand over and log out</Trans>}
    >
      <Alert color="yellow">
        <Trans>
          All that {user.name} is logged in with ends at once: browsers, mail programs, desk phones and API tokens.
        </Trans>
      </Alert>
      {held && <Held of={held} />}
      <Select
        label={t`Who takes over`}
        required
        data-autofocus
        searchable
        data={data}
        value={to.to ?? null}
        onChange={(id) => setTo({ ...to, to: id ?? undefined })}
      />
      <Switch
        label={t`Different colleagues for different things`}
        checked={apart}
        onChange={(e) => setApart(e.currentTarget.checked)}
      />
      {apart &&
        kinds.map((kind) => (
          <Select
            key={kind}
            label={labels[kind]}
            clearable
            clearButtonProps={{ "aria-label": t`Clear` }}
            data={data}
            value={to[kind] ?? to.to ?? null}
            onChange={(id) => setTo({ ...to, [kind]: id ?? undefined })}
          />
        ))}
    </FormDialog>
  );
}

/** What somebody holds, in words and numbers. */
function Held({ of: h }: { of: Holdings }) {
  const { t } = useLingui();
  const counts = [
    [t`Contacts`, h.contacts],
    [t`Companies`, h.companies],
    [t`Leads under way`, h.leads],
    [t`Open deals`, h.deals],
    [t`Tasks`, h.tasks],
    [t`Mails waiting for an answer`, h.mails],
    [t`Desk phones`, h.phones],
  ] as const;
  const names = [
    [t`Numbers`, h.numbers],
    [t`Mailboxes`, h.mailboxes],
    [t`Rules for new clients`, h.rules],
  ] as const;
  return (
    <List size="sm">
      {counts.map(([what, count]) => count > 0 && <List.Item key={what}>{`${what}: ${count}`}</List.Item>)}
      {names.map(([what, all]) => all.length > 0 && <List.Item key={what}>{`${what}: ${all.join(", ")}`}</List.Item>)}
    </List>
  );
}
