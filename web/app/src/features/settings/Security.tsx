import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, Select, Text, Textarea, TextInput } from "@mantine/core";
import { IconDownload, IconShield } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { useUsers } from "~/api/queries";
import type { components } from "~/api/schema";
import { browserOf } from "~/app/browser";
import { say } from "~/app/notify";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import { actOf, demands, kinds } from "./acts";
import { Section, useDo } from "./parts";
import security from "./Security.module.css";
import classes from "./Settings.module.css";

type Policy = components["schemas"]["SecurityPolicy"];
type Entry = components["schemas"]["AuditEntry"];
type Filter = { kind?: Entry["kind"]; user?: string; since?: string; until?: string };

const key = ["security"];

/** Who has to prove himself twice, and who did what. */
export function Security() {
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => ok(api.GET("/api/v1/security")) });
  return (
    <>
      <Section
        title={<Trans>Log-ins</Trans>}
        about={
          <Trans>
            A second factor is a code of an app on the phone. Who has to have one and has none yet can do nothing else
            until it is set up, in your account at the top right.
          </Trans>
        }
      >
        {error && <Failure error={error} retry={() => void refetch()} />}
        {data && <PolicyForm key={JSON.stringify(data)} policy={data} />}
      </Section>
      <Audit />
    </>
  );
}

function PolicyForm({ policy }: { policy: Policy }) {
  const { t, i18n } = useLingui();
  const [who, setWho] = useState<string>(policy.second_factor);
  const [days, setDays] = useState<number | string>(policy.audit_days);
  const [networks, setNetworks] = useState((policy.networks ?? []).join("\n"));
  const save = useDo(
    () =>
      ok(
        api.PUT("/api/v1/security", {
          body: {
            second_factor: who as Policy["second_factor"],
            audit_days: Number(days),
            networks: networks.split(/[\s,;]+/).filter(Boolean),
          },
        }),
      ),
    [key, ["audit"]],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <Select
        label={t`Who needs a second factor`}
        value={who}
        allowDeselect={false}
        data={Object.entries(demands).map(([value, label]) => ({ value, label: i18n._(label) }))}
        onChange={(v) => setWho(v ?? "")}
      />
      <NumberInput
        label={t`Days that it is known who did what`}
        min={30}
        max={3650}
        required
        value={days}
        onChange={setDays}
      />
      <Textarea
        label={t`Log-ins only from these networks`}
        description={t`Addresses or networks, one on each line, as 203.0.113.7 or 10.0.0.0/8; empty: from anywhere. Holds for the workplace and API tokens, not for telephones and mail programs.`}
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        value={networks}
        onChange={(e) => setNetworks(e.currentTarget.value)}
      />
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}

function Audit() {
  const [filter, setFilter] = useState<Filter>({});
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) =>
      ok(api.GET("/api/v1/audit", { params: { query: { ...filter, after: pageParam || undefined } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section
      title={<Trans>Who did what</Trans>}
      about={
        <Trans>Log-ins, refused ones too, changes of rights and settings, exports, recordings that were heard.</Trans>
      }
      action={
        <Button
          component="a"
          href={`/api/v1/audit.csv?${new URLSearchParams(filter as Record<string, string>)}`}
          download
          variant="default"
          leftSection={<IconDownload className={security.icon} />}
        >
          CSV
        </Button>
      }
    >
      <Filters filter={filter} onChange={setFilter} />
      {error && <Failure error={error} retry={() => void refetch()} />}
      {isPending && <LateRows />}
      {data && !rows.length && (
        <Empty icon={<IconShield />} title={<Trans>Nothing here</Trans>}>
          <Trans>Nobody did such a thing in that time.</Trans>
        </Empty>
      )}
      {rows.length > 0 && (
        <ul className={classes.rows}>
          {rows.map((e) => (
            <Act key={e.id} of={e} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Earlier</Trans>
        </Button>
      )}
    </Section>
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (f: Filter) => void }) {
  const { t, i18n } = useLingui();
  const users = useUsers();
  const set = (change: Filter) =>
    onChange(Object.fromEntries(Object.entries({ ...filter, ...change }).filter(([, v]) => v)));
  return (
    <div className={security.filters}>
      <Select
        size="xs"
        aria-label={t`Kind`}
        placeholder={t`All kinds`}
        clearable
        value={filter.kind ?? null}
        data={Object.entries(kinds).map(([value, label]) => ({ value, label: i18n._(label) }))}
        onChange={(v) => set({ kind: (v ?? undefined) as Filter["kind"] })}
      />
      <Select
        size="xs"
        aria-label={t`Colleague`}
        placeholder={t`Everybody`}
        clearable
        searchable
        value={filter.user ?? null}
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        onChange={(v) => set({ user: v ?? undefined })}
      />
      <TextInput
        size="xs"
        type="date"
        aria-label={t`From`}
        onChange={(e) => set({ since: dayOf(e.currentTarget.value, 0) })}
      />
      <TextInput
        size="xs"
        type="date"
        aria-label={t`To`}
        onChange={(e) => set({ until: dayOf(e.currentTarget.value, 1) })}
      />
    </div>
  );
}

/** The beginning of a day as it is typed, or of one after it. */
export function dayOf(text: string, after: number): string | undefined {
  if (!text) return undefined;
  const d = new Date(`${text}T00:00`);
  d.setDate(d.getDate() + after);
  return Number.isNaN(d.getTime()) ? undefined : d.toISOString();
}

function outcome(status: number): Meaning {
  if (status === 0) return "off";
  return status < 400 ? "live" : "bad";
}

function Act({ of: e }: { of: Entry }) {
  const users = useUsers();
  const who = users.find((u) => u.id === e.user)?.name ?? (e.user ? "–" : e.about);
  return (
    <li className={security.row} {...step}>
      <span className={security.what}>
        <Text span fw={500} className={security.line}>
          {actOf(e)}
        </Text>
        <Text span c="dimmed" size="xs" className={security.line}>
          {[who, e.token && "API", e.ip, browserOf(e.agent)].filter(Boolean).join(" · ")}
        </Text>
        {e.act !== "post-login" && (
          <Text span c="dimmed" size="xs" className={security.path}>
            {e.about.replace("/api/v1", "")}
          </Text>
        )}
      </span>
      <State is={outcome(e.status)}>
        {e.status === 0 ? <Trans>Not known</Trans> : e.status < 400 ? <Trans>Done</Trans> : <Trans>Refused</Trans>}
      </State>
      <Text span c="dimmed" size="sm" className={security.when}>
        <When at={e.at} />
      </Text>
    </li>
  );
}
