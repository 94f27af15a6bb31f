import { msg } from "@lingui/core/macro";
import { Plural as Count, Trans, useLingui } from "@lingui/react/macro";
import { Radio, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type CardView, type Kind, ok } from "~/api";
import { client, useUsers } from "~/api/queries";
import { cardQuery, refresh } from "~/api/records";
import { cards } from "~/app/card";
import { complain, offer } from "~/app/notify";
import { kinds, leadStages, sources, word } from "~/app/words";
import { nameOf, useFields, useFieldText } from "~/features/fields/fields";
import { day } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { binKey } from "./deleting";
import classes from "./Merge.module.css";
import { asked, type Choice, oldestFirst, rowsOf } from "./merging";

type Mergeable = Exclude<Kind, "deal">;

function useMerge(kind: Mergeable, onDone: () => void) {
  const undo = useMutation({
    mutationFn: (id: string) => ok(api.POST("/api/v1/merges/{id}/undo", { params: { path: { id } } })),
    onSuccess: () => shownAgain(kind),
    onError: complain,
  });
  return useMutation({
    mutationFn: (body: { ids: string[]; into: string; stand: Record<string, string> }) =>
      ok(api.POST("/api/v1/merges", { body: { kind, ...body } })),
    onSuccess: ({ id, into }) => {
      shownAgain(kind);
      cards.show({ kind, id: into.id });
      offer(msg`Merged into ${into.name}`, () => undo.mutate(id));
      onDone();
    },
  });
}

function shownAgain(kind: Kind) {
  for (const k of [kind, "deal"] as const) refresh(k);
  void client.invalidateQueries({ queryKey: binKey });
}

type Props = { kind: Mergeable; ids: string[]; onClose: () => void; onDone?: () => void };

/** Makes one of several records; of each field one chooses whose value stands. With a single one, the other is looked for first. */
export default function Merge({ kind, ids, onClose, onDone }: Props) {
  const [other, setOther] = useState<string>();
  const all = [...new Set(other ? [...ids, other] : ids)];
  const {
    data: views,
    error,
    refetch,
  } = useQuery({
    queryKey: ["card", "merge", kind, ...all],
    queryFn: () => Promise.all(all.map((id) => client.fetchQuery(cardQuery({ kind, id })))),
  });
  const fields = useFields(kind);
  const [into, setInto] = useState<string>();
  const [stand, setStand] = useState<Record<string, string>>({});
  const merge = useMerge(kind, () => {
    onClose();
    onDone?.();
  });
  const known = oldestFirst(views ?? []);
  const chosen = into ?? known[0]?.ref.id ?? "";
  const ready = known.length === all.length && all.length > 1;
  const rows = ready ? rowsOf(known, chosen, kind, fields) : [];
  const usual = Object.fromEntries(rows.map((r) => [r.name, r.usual]));
  const save = () => ready && merge.mutate({ ids: all, into: chosen, stand: { ...usual, ...asked(stand, all) } });
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Merge duplicates</Trans>}
      onSave={save}
      saving={merge}
      save={<Trans>Merge</Trans>}
    >
      {ids.length === 1 && <Other kind={kind} id={ids[0]!} onPick={setOther} />}
      {error && <Failure error={error} retry={() => void refetch()} />}
      {all.length > 1 && !ready && !error && <LateRows />}
      {ready && (
        <>
          <Text size="sm" c="dimmed">
            <Trans>
              Numbers, addresses, tags, history, deals and tasks are joined. What is merged goes to the bin, and can be
              brought back until the record that stands is used.
            </Trans>
          </Text>
          <Stands views={known} value={chosen} onChange={setInto} />
          <Rows rows={rows} stand={stand} onChange={setStand} />
        </>
      )}
    </FormDialog>
  );
}

/** Which of them stands: links and ids of the others lead to it. */
function Stands({ views, value, onChange }: { views: CardView[]; value: string; onChange: (id: string) => void }) {
  const { t } = useLingui();
  return (
    <Radio.Group value={value} onChange={onChange} label={<Trans>Keep</Trans>} aria-label={t`Keep`}>
      <Stack gap={4} mt={4}>
        {views.map((v) => (
          <Radio
            key={v.ref.id}
            value={v.ref.id}
            data-autofocus={v.ref.id === value || undefined}
            label={<Kept view={v} />}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

type RowsProps = { rows: Choice[]; stand: Record<string, string>; onChange: (stand: Record<string, string>) => void };

function Kept({ view: v }: { view: CardView }) {
  const [since, n] = [day(v.since), v.points.length];
  return (
    <>
      {v.name}{" "}
      <Text span size="xs" c="dimmed">
        <Trans>since {since}</Trans> · <Count value={n} one="# number or address" other="# numbers and addresses" />
      </Text>
    </>
  );
}

/** The fields in which they differ, each with the values to choose from. */
function Rows({ rows, stand, onChange }: RowsProps) {
  const { i18n } = useLingui();
  const users = useUsers();
  const fieldText = useFieldText();
  const said = (row: Choice, value: string, values: string[]) => {
    if (row.field) return fieldText(row.field, values);
    if (row.name === "responsible") return users.find((u) => u.id === value)?.name ?? "–";
    if (row.name === "stage") return word(leadStages, value);
    return row.name === "source" ? word(sources, value) : value;
  };
  if (!rows.length)
    return (
      <Text size="sm">
        <Trans>They don't differ in anything else.</Trans>
      </Text>
    );
  return (
    <div className={classes.rows}>
      {rows.map((row) => (
        <Radio.Group
          key={row.name}
          label={row.field ? nameOf(row.field) : i18n._(row.label!)}
          value={stand[row.name] ?? row.usual}
          onChange={(id) => onChange({ ...stand, [row.name]: id })}
        >
          <div className={classes.values}>
            {row.options.map((o) => (
              <Radio key={o.id} value={o.id} label={said(row, o.value, o.values) || <Trans>nothing</Trans>} />
            ))}
          </div>
        </Radio.Group>
      ))}
    </div>
  );
}

/** Finds the record that is the same. */
function Other({ kind, id, onPick }: { kind: Mergeable; id: string; onPick: (id: string | undefined) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const { data } = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
    placeholderData: keepPreviousData,
  });
  const hits = (data?.items ?? []).filter((h) => h.ref.kind === kind && h.ref.id !== id);
  return (
    <Select
      data-autofocus
      label={<Trans>Duplicate of</Trans>}
      placeholder={t`Type a number or a name`}
      searchable
      value={picked}
      searchValue={text}
      onSearchChange={setText}
      onChange={(v) => {
        setPicked(v);
        onPick(v ?? undefined);
      }}
      filter={({ options }) => options}
      nothingFoundMessage={wanted.length > 1 ? t`Nothing found` : t`Type a number or a name`}
      data={hits.map((h) => ({
        value: h.ref.id,
        label: [h.name, word(kinds, h.ref.kind), h.subtitle].filter(Boolean).join(" · "),
      }))}
    />
  );
}
