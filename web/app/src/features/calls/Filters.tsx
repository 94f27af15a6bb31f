import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, CloseButton, Popover, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, type Ref } from "~/api";
import { useUsers } from "~/api/queries";
import type { CallSearch } from "~/app/router";
import { kinds, word } from "~/app/words";
import { day } from "~/i18n/format";
import classes from "./Filters.module.css";
import type { CallFilter } from "./queries";

type Props = { search: CallSearch; onChange: (change: Partial<CallSearch>) => void };

/** What the API is asked for. Days are those of the reader's clock. */
export function filterOf(s: CallSearch): CallFilter {
  return {
    missed: s.show === "missed" || undefined,
    mine: s.show === "mine" || undefined,
    number: s.q,
    user: s.user,
    client_kind: s.client?.kind,
    client: s.client?.id,
    since: s.since && midnight(s.since, 0),
    until: s.until && midnight(s.until, 1),
    recorded: s.recorded,
    said: s.said,
  };
}

/** The beginning of a day, or of one after it. */
function midnight(date: string, later: number): string {
  const [y = 0, m = 1, d = 1] = date.split("-").map(Number);
  return new Date(y, m - 1, d + later).toISOString();
}

/** What the history is narrowed by, each with a way to let go of it. */
export function Filtered({ search, onChange }: Props) {
  const { t } = useLingui();
  const users = useUsers();
  const all: [key: keyof CallSearch, label: string][] = [];
  if (search.said) all.push(["said", t`Said: ${search.said}`]);
  if (search.client) all.push(["client", t`With ${search.client.name}`]);
  if (search.user) all.push(["user", users.find((u) => u.id === search.user)?.name ?? "—"]);
  if (search.since) all.push(["since", t`From ${day(midnight(search.since, 0))}`]);
  if (search.until) all.push(["until", t`Until ${day(midnight(search.until, 0))}`]);
  if (search.recorded) all.push(["recorded", t`With a recording`]);
  if (!all.length) return null;
  return (
    <div className={classes.chips} role="toolbar" aria-label={t`Filter`}>
      {all.map(([key, label]) => (
        <span key={key} className={classes.chip}>
          {label}
          <CloseButton size="xs" aria-label={t`Remove: ${label}`} onClick={() => onChange({ [key]: undefined })} />
        </span>
      ))}
    </div>
  );
}

/** Opens what the history can be narrowed by. */
export function Filters({ search, onChange }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const users = useUsers();
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus width="var(--fd-people)">
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFilter className={classes.icon} />}
          aria-expanded={open}
          onClick={() => setOpen((o) => !o)}
        >
          <Trans>Filter</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" role="group" aria-label={t`Filter`}>
          <SaidField key={search.said} search={search} onChange={onChange} />
          <ClientField search={search} onChange={onChange} />
          <Select
            size="xs"
            label={t`Colleague`}
            placeholder={t`All`}
            searchable
            clearable
            comboboxProps={{ withinPortal: false }}
            data={users.map((u) => ({ value: u.id, label: u.name }))}
            value={search.user ?? null}
            onChange={(v) => onChange({ user: v ?? undefined })}
          />
          <DayField
            label={t({ message: "From", context: "date" })}
            value={search.since}
            max={search.until}
            onChange={(since) => onChange({ since })}
          />
          <DayField
            label={t`Until`}
            value={search.until}
            min={search.since}
            onChange={(until) => onChange({ until })}
          />
          <Checkbox
            size="xs"
            label={t`With a recording`}
            checked={search.recorded ?? false}
            onChange={(e) => onChange({ recorded: e.currentTarget.checked || undefined })}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function SaidField({ search, onChange }: Props) {
  const { t } = useLingui();
  const done = (text: string) => text !== (search.said ?? "") && onChange({ said: text || undefined });
  return (
    <TextInput
      size="xs"
      type="search"
      data-autofocus
      label={t`Words that were said`}
      placeholder={t`In recordings you may hear`}
      defaultValue={search.said}
      onBlur={(e) => done(e.currentTarget.value.trim())}
      onKeyDown={(e) => e.key === "Enter" && done(e.currentTarget.value.trim())}
    />
  );
}

/** Finds a client. */
function ClientField({ search, onChange }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const { data } = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
    placeholderData: keepPreviousData,
  });
  const now = search.client && { ref: search.client as Ref, name: search.client.name, subtitle: "" };
  const hits = (wanted.length > 1 ? (data?.items ?? []) : []).filter((h) => (h.ref.kind as string) !== "user");
  const shown = now && !hits.some((h) => h.ref.id === now.ref.id) ? [now, ...hits] : hits;
  const choose = (id: string | null) => {
    const hit = shown.find((h) => h.ref.id === id);
    onChange({ client: hit && { kind: hit.ref.kind as Ref["kind"], id: hit.ref.id, name: hit.name } });
  };
  return (
    <Select
      size="xs"
      label={t`Client`}
      placeholder={t`All`}
      searchable
      clearable
      comboboxProps={{ withinPortal: false }}
      value={search.client?.id ?? null}
      onSearchChange={setText}
      onChange={choose}
      filter={({ options }) => options}
      nothingFoundMessage={wanted.length > 1 ? t`Nothing found` : t`Type a number or a name`}
      data={shown.map((h) => ({
        value: h.ref.id,
        label: [h.name, word(kinds, h.ref.kind), h.subtitle].filter(Boolean).join(" · "),
      }))}
    />
  );
}

type DayProps = {
  label: string;
  value?: string;
  min?: string;
  max?: string;
  onChange: (day: string | undefined) => void;
};

function DayField({ label, value, min, max, onChange }: DayProps) {
  return (
    <TextInput
      size="xs"
      type="date"
      label={label}
      min={min}
      max={max}
      value={value ?? ""}
      onChange={(e) => onChange(e.currentTarget.value || undefined)}
    />
  );
}
