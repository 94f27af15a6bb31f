import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Checkbox, Menu, Select, TextInput } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Kind, ok, type Plural } from "~/api";
import { client, useMe } from "~/api/queries";
import type { components } from "~/api/schema";
import { complain, offer } from "~/app/notify";
import type { Asked, ListOrder, ListSearch } from "~/app/router";
import { FormDialog } from "~/parts/FormDialog";
import classes from "./ListTools.module.css";
import { listTitles } from "./strings";

type View = components["schemas"]["SavedView"];

const key = ["views"];
const none: never[] = [];

type Props = { list: Plural; kind: Kind; search: ListSearch; onChange: (change: Partial<ListSearch>) => void };

/** Lists that one keeps, and those that colleagues share. */
export function Views({ list, kind, search, onChange }: Props) {
  const { t, i18n } = useLingui();
  const me = useMe();
  const all = useQuery({ queryKey: key, queryFn: async () => (await ok(api.GET("/api/v1/views"))).items }).data ?? none;
  const views = all.filter((v) => v.list === kind);
  const kept = views.find((v) => v.id === search.kept);
  const [edited, setEdited] = useState<Partial<View>>();
  const mine = kept && (kept.owner === me?.id || (kept.shared && me?.role === "admin"));
  const show = (v: View | undefined) =>
    onChange({
      kept: v?.id,
      where: v?.where.length ? (v.where as Asked[]) : undefined,
      order: v && v.order !== "newest" ? (v.order as ListOrder) : undefined,
      columns: v?.columns.length ? v.columns : undefined,
    });
  const now = {
    where: (search.where ?? []) as View["where"],
    order: search.order ?? "newest",
    columns: search.columns ?? [],
  };
  const save = useSaveView();
  const remove = useMutation({
    mutationFn: (v: View) => ok(api.DELETE("/api/v1/views/{id}", { params: { path: { id: v.id } } })),
    onSuccess: (_, v) => {
      void client.invalidateQueries({ queryKey: key });
      show(undefined);
      offer(msg`View deleted`, () => save.mutate({ ...v, id: "" }));
    },
    onError: complain,
  });
  return (
    <>
      <Select
        size="xs"
        aria-label={t`View`}
        className={classes.view}
        data={[
          { value: "", label: t`All: ${i18n._(listTitles[list])}` },
          ...views.map((v) => ({ value: v.id, label: v.name })),
        ]}
        value={kept?.id ?? ""}
        onChange={(id) => show(views.find((v) => v.id === id))}
      />
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon variant="default" size="md" aria-label={t`Keep this view`}>
            <IconBookmark className={classes.icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mine && (
            <Menu.Item onClick={() => save.mutate({ ...kept, ...now })}>
              <Trans>Save changes to “{kept.name}”</Trans>
            </Menu.Item>
          )}
          <Menu.Item onClick={() => setEdited({ list: kind, name: "", shared: false, ...now })}>
            <Trans>Save as a new view…</Trans>
          </Menu.Item>
          {mine && (
            <Menu.Item onClick={() => setEdited({ ...kept, ...now })}>
              <Trans>Rename or share…</Trans>
            </Menu.Item>
          )}
          {mine && (
            <Menu.Item color="red" onClick={() => remove.mutate(kept)}>
              <Trans>Delete “{kept.name}”</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {edited && (
        <ViewForm
          view={edited}
          onDone={(v) => {
            setEdited(undefined);
            if (v) onChange({ kept: v.id });
          }}
        />
      )}
    </>
  );
}

function useSaveView(onDone?: (v: View) => void) {
  return useMutation({
    mutationFn: ({ id, ...body }: View) =>
      (id
        ? ok(api.PUT("/api/v1/views/{id}", { params: { path: { id } }, body: body as View }))
        : ok(api.POST("/api/v1/views", { body: body as View }))) as Promise<View>,
    onSuccess: async (v) => {
      await client.invalidateQueries({ queryKey: key });
      onDone?.(v);
    },
    onError: (err: Error) => {
      if (!onDone) complain(err); // else the form says it
    },
  });
}

function ViewForm({ view, onDone }: { view: Partial<View>; onDone: (v?: View) => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(view.name ?? "");
  const [shared, setShared] = useState(view.shared ?? false);
  const save = useSaveView(onDone);
  return (
    <FormDialog
      opened
      onClose={() => onDone()}
      title={view.id ? view.name : <Trans>Keep this view</Trans>}
      onSave={() => save.mutate({ ...view, name, shared } as View)}
      saving={save}
    >
      <TextInput
        label={t({ message: "Name", context: "thing" })}
        required
        data-autofocus
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <Checkbox
        label={<Trans>Colleagues have it too</Trans>}
        description={<Trans>Everybody sees only the records they may see.</Trans>}
        checked={shared}
        onChange={(e) => setShared(e.currentTarget.checked)}
      />
    </FormDialog>
  );
}
