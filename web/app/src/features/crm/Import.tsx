import { msg } from "@lingui/core/macro";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, FileInput, Group, Progress, Radio, Select, Stack, Text } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, type Kind, ok } from "~/api";
import { client } from "~/api/queries";
import { refresh } from "~/api/records";
import type { components } from "~/api/schema";
import { complain } from "~/app/notify";
import { useFields } from "~/features/fields/fields";
import { Empty, Failure } from "~/parts/Empty";
import { Page } from "~/parts/Page";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./Import.module.css";
import { targetNames } from "./importing";
import { listTitles } from "./strings";

type Import = components["schemas"]["Import"];
type Policy = Import["policy"];
type ImportKind = Import["kind"];

const importsKey = ["imports"];
const busy = (i?: Import) => i?.state === "running" || i?.state === "undoing";

/** Clients out of a file: what is in it, what each column is, how far it is, and the way back. */
export default function ImportPage() {
  const { t } = useLingui();
  const [id, setID] = useState<string>();
  return (
    <Page
      title={t`Import`}
      actions={
        id && (
          <Button variant="default" onClick={() => setID(undefined)}>
            <Trans>Another file</Trans>
          </Button>
        )
      }
    >
      {id ? <One id={id} /> : <Begin onAdded={setID} />}
    </Page>
  );
}

function Begin({ onAdded }: { onAdded: (id: string) => void }) {
  const { t, i18n } = useLingui();
  const [kind, setKind] = useState<ImportKind>("contact");
  const add = useMutation({
    mutationFn: (file: File) =>
      ok(
        api.POST("/api/v1/imports", {
          params: { query: { kind, name: file.name } },
          body: file as unknown as string,
          bodySerializer: (b) => b,
          headers: { "Content-Type": "application/octet-stream" },
        }),
      ),
    onSuccess: (i) => {
      client.setQueryData([...importsKey, i.id], i);
      onAdded(i.id);
    },
    onError: complain,
  });
  const before = useQuery({ queryKey: importsKey, queryFn: () => ok(api.GET("/api/v1/imports")) });
  return (
    <Stack gap="lg" className={classes.begin}>
      <Text c="dimmed">
        <Trans>
          A table (CSV or Excel) or vCards: also as Bitrix24, HubSpot, Pipedrive and EspoCRM export them. Nothing is
          made before you have seen what each column becomes.
        </Trans>
      </Text>
      <Group align="flex-end" gap="sm">
        <Select
          label={t`What is in the file`}
          allowDeselect={false}
          data={[
            { value: "contact", label: i18n._(listTitles.contacts) },
            { value: "company", label: i18n._(listTitles.companies) },
            { value: "lead", label: i18n._(listTitles.leads) },
          ]}
          value={kind}
          onChange={(v) => v && setKind(v as ImportKind)}
        />
        <FileInput
          label={t`File`}
          placeholder={t`Choose a file`}
          className={classes.file}
          accept=".csv,.txt,.tsv,.xlsx,.vcf,text/csv,text/vcard"
          disabled={add.isPending}
          onChange={(f) => f && add.mutate(f)}
        />
        {add.isPending && (
          <Text c="dimmed" size="sm">
            <Trans>Being read…</Trans>
          </Text>
        )}
      </Group>
      {before.data && !before.data.items.length && (
        <Empty icon={<IconFileImport />} title={<Trans>Nothing was imported yet</Trans>}>
          <Trans>Imports stand here for 30 days: what became of each, and the way back.</Trans>
        </Empty>
      )}
      {!!before.data?.items.length && (
        <ul className={classes.rows} aria-label={t`Imports`}>
          {before.data.items.map((i) => (
            <li key={i.id} className={classes.row} {...step}>
              <Text span fw={500} truncate className={classes.grow}>
                {i.name || i18n._(listTitles[plurals[i.kind]])}
              </Text>
              <Text span c="dimmed" size="sm">
                <Outcome of={i} />
              </Text>
              <Text span c="dimmed" size="sm">
                <When at={i.at} />
              </Text>
              <Button variant="default" data-open onClick={() => onAdded(i.id)}>
                <Trans>Show</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

const plurals = { contact: "contacts", company: "companies", lead: "leads" } as const;

function One({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...importsKey, id],
    queryFn: () => ok(api.GET("/api/v1/imports/{id}", { params: { path: { id } } })),
    refetchInterval: (q) => (busy(q.state.data) ? 700 : false),
  });
  const state = data?.state;
  const kind = data?.kind;
  useEffect(() => {
    if (!kind || (state !== "done" && state !== "undone")) return;
    refresh(kind as Kind);
    refresh("company");
    for (const key of ["bin", "imports"]) void client.invalidateQueries({ queryKey: [key], exact: true });
  }, [state, kind]);
  if (!data) return error ? <Failure error={error} retry={() => void refetch()} /> : null;
  return data.state === "draft" ? <Mapping of={data} /> : <Progressing of={data} />;
}

function Mapping({ of: i }: { of: Import }) {
  const { t, i18n } = useLingui();
  const [mapping, setMapping] = useState(i.mapping);
  const [policy, setPolicy] = useState<Policy>("skip");
  const own = useFields(i.kind as Kind);
  const run = useMutation({
    mutationFn: () =>
      ok(api.POST("/api/v1/imports/{id}/run", { params: { path: { id: i.id } }, body: { mapping, policy } })),
    onSuccess: (next) => client.setQueryData([...importsKey, i.id], next),
    onError: complain,
  });
  const targets = [
    { value: "", label: t`Left out` },
    ...i.targets.map((value) => ({ value, label: i18n._(targetNames[value] ?? targetNames.name!) })),
    ...own.map((f) => ({ value: `field:${f.id}`, label: f.name })),
  ];
  return (
    <Stack gap="lg">
      <div className={classes.scroll}>
        <table className={classes.preview} aria-label={t`Columns of the file`}>
          <thead>
            <tr>
              {i.columns.map((c, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns may be called the same
                <th key={at} scope="col">
                  <Text size="xs" c="dimmed" truncate>
                    {c || "–"}
                  </Text>
                  <Select
                    size="xs"
                    aria-label={t`Column ${c || at + 1} is`}
                    allowDeselect={false}
                    searchable
                    data={targets}
                    value={mapping[at] ?? ""}
                    data-unused={!mapping[at]}
                    onChange={(v) => setMapping((m) => m.map((old, n) => (n === at ? (v ?? "") : old)))}
                  />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {i.sample.map((line, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name
              <tr key={n}>
                {line.map((cell, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={at} data-unused={!mapping[at]}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Radio.Group
        label={t`When the number or mail address is there already`}
        value={policy}
        onChange={(v) => setPolicy(v as Policy)}
      >
        <Group gap="lg" mt="xs">
          <Radio size="xs" value="skip" label={t`Skip the line`} />
          <Radio size="xs" value="update" label={t`Update what is there`} />
          <Radio size="xs" value="make" label={t`Make it anyway`} />
        </Group>
      </Radio.Group>
      <Group>
        <Button loading={run.isPending} onClick={() => run.mutate()}>
          <Plural
            value={i.total}
            one="Import # line"
            few="Import # lines"
            many="Import # lines"
            other="Import # lines"
          />
        </Button>
      </Group>
    </Stack>
  );
}

function Progressing({ of: i }: { of: Import }) {
  const { t } = useLingui();
  const undo = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/imports/{id}/undo", { params: { path: { id: i.id } } })),
    onSuccess: (next) => client.setQueryData([...importsKey, i.id], next),
    onError: complain,
  });
  const [done, all] =
    i.state === "undoing"
      ? [i.undone + i.kept, i.undone + i.kept + i.made + i.updated]
      : [i.done, Math.max(i.total, 1)];
  return (
    <Stack gap="md" className={classes.begin}>
      <Text fw={600}>{i.name}</Text>
      {busy(i) && <Progress value={all ? (100 * done) / all : 0} aria-label={t`Progress`} />}
      <Text role="status">
        <Outcome of={i} />
      </Text>
      {busy(i) && (
        <Text c="dimmed" size="sm">
          <Trans>You may leave this page: the server goes on.</Trans>
        </Text>
      )}
      <Group>
        {i.failed > 0 && i.state === "done" && (
          <Button component="a" variant="default" href={`/api/v1/imports/${i.id}/errors`} download="errors.csv">
            <Trans>Wrong lines as a file, to mend and import again</Trans>
          </Button>
        )}
        {i.state === "done" && i.made + i.updated > 0 && (
          <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
            <Trans>Take the import back</Trans>
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Outcome({ of: i }: { of: Import }) {
  const { i18n } = useLingui();
  const { done, total, made, updated, skipped, failed, undone, kept } = i;
  switch (i.state) {
    case "running":
      return i18n._(msg`${done} of ${total} lines`);
    case "undoing":
      return i18n._(msg`${undone} taken back so far`);
    case "undone":
      return i18n._(msg`Taken back: ${undone}. Left because changed or used since: ${kept}`);
  }
  return i18n._(msg`Made: ${made} · updated: ${updated} · skipped: ${skipped} · wrong: ${failed}`);
}
