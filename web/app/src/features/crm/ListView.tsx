import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Company, Contact, Deal, Kind, Lead, Plural, Point, Ref } from "~/api";
import { usePipelines } from "~/api/queries";
import { cards, useCard } from "~/app/card";
import type { ListSearch } from "~/app/router";
import { leadStages, sources, word } from "~/app/words";
import { nameOf, useFields, useFieldText } from "~/features/fields/fields";
import { money } from "~/i18n/format";
import { type Column, DataTable } from "~/parts/DataTable";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { MailLink, PhoneLink } from "~/parts/links";
import { UserTag } from "~/parts/people";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { Bulk } from "./Bulk";
import { ListTools } from "./ListTools";
import { newRecord } from "./new";
import { type ListFilter, useList } from "./queries";
import { emptyTexts, listTitles } from "./strings";

type Row = Contact | Company | Lead | Deal;

type ListProps = {
  list: Plural;
  kind: Kind;
  filter: ListFilter;
  search: ListSearch;
  onChange: (change: Partial<ListSearch>) => void;
};

/** A list of records; a row opens its card beside. */
export function ListView(props: ListProps) {
  const { list, kind, filter, search, onChange } = props;
  const usual = useColumns(list);
  const own = useFieldColumns(kind);
  const all = useMemo(() => [...usual, ...own], [usual, own]);
  const shown = search.columns ?? usual.map((c) => c.id);
  const columns = useMemo(() => all.filter((c) => c.id === "name" || shown.includes(c.id)), [all, shown]);
  return (
    <>
      <ListTools
        list={list}
        kind={kind}
        filter={filter}
        search={search}
        onChange={onChange}
        columns={all}
        shown={columns.map((c) => c.id)}
      />
      <Rows {...props} columns={columns} />
    </>
  );
}

function Rows({ list, kind, filter, columns }: ListProps & { columns: Column<Row>[] }) {
  const { i18n, t } = useLingui();
  const { rows, more, isPending, error, refetch } = useList<Row>(list, filter);
  const { ref } = useCard();
  const [picked, setPicked] = useState<ReadonlySet<string>>(nothing);
  const ids = rows.filter((r) => picked.has(r.id)).map((r) => r.id);
  const pick = (id: string, on: boolean) =>
    setPicked((old) => new Set(on ? [...old, id] : [...old].filter((x) => x !== id)));
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!rows.length && filter.q)
    return (
      <Empty title={<Trans>Nothing found for “{filter.q}”</Trans>}>
        <Trans>Check the spelling, or search by number or address.</Trans>
      </Empty>
    );
  if (!rows.length && filter.where)
    return (
      <Empty title={<Trans>Nothing fits the filters</Trans>}>
        <Trans>Take one away, above the list.</Trans>
      </Empty>
    );
  if (!rows.length)
    return (
      <Empty
        title={i18n._(listTitles[list])}
        action={
          <Button onClick={() => newRecord(kind)}>
            <Trans>Make the first one</Trans>
          </Button>
        }
      >
        {i18n._(emptyTexts[list])}
      </Empty>
    );
  const most = rows.slice(0, 1000).map((r) => r.id);
  return (
    <>
      {ids.length > 0 && (
        <Bulk kind={kind} ids={ids} onClear={() => setPicked(nothing)} onAll={() => setPicked(new Set(most))} />
      )}
      <DataTable
        label={i18n._(listTitles[list])}
        rows={rows}
        columns={columns}
        rowKey={(r) => r.id}
        selected={ref?.id}
        onEnd={more}
        onOpen={(r) => cards.show({ kind, id: r.id } as Ref)}
        picked={picked}
        onPick={pick}
        pickLabel={(r) => t`Select ${"title" in r ? r.title : r.name}`}
      />
    </>
  );
}

function useColumns(list: Plural): Column<Row>[] {
  const { t } = useLingui();
  const pipelines = usePipelines();
  return useMemo(() => {
    const stage = (id: string) => pipelines.flatMap((p) => p.stages).find((s) => s.id === id);
    const responsible: Column<Row> = {
      id: "responsible",
      title: t`Responsible`,
      width: "minmax(0,1.2fr)",
      minor: true,
      cell: (r) => <UserTag id={r.responsible} />,
    };
    const updated: Column<Row> = {
      id: "updated",
      title: t`Changed`,
      width: "var(--fd-col)",
      minor: true,
      end: true,
      cell: (r) => (
        <Text span c="dimmed">
          <When at={r.updated} />
        </Text>
      ),
    };
    const phone: Column<Row> = {
      id: "phone",
      title: t`Phone`,
      width: "minmax(calc(var(--fd-col-wide) + var(--mantine-spacing-lg)),1.2fr)",
      cell: (r) => <FirstPhone points={points(r)} />,
    };
    const email: Column<Row> = {
      id: "email",
      title: t`Mail address`,
      width: "minmax(0,1.6fr)",
      minor: true,
      cell: (r) => <FirstMail points={points(r)} />,
    };
    const name = (text: (r: never) => string, dim: (r: never) => string | undefined): Column<Row> => ({
      id: "name",
      title: t`Name`,
      width: "minmax(0,2fr)",
      cell: (r) => (
        <>
          <Text span fw={500}>
            {text(r as never)}
          </Text>
          {dim(r as never) && (
            <Text span c="dimmed">
              {" "}
              · {dim(r as never)}
            </Text>
          )}
        </>
      ),
    });
    const columns: Record<Plural, Column<Row>[]> = {
      leads: [
        name(
          (l: Lead) => l.name || l.title,
          (l: Lead) => l.company_name,
        ),
        phone,
        email,
        {
          id: "source",
          title: t`Came by`,
          width: "var(--fd-col)",
          minor: true,
          cell: (r) => word(sources, (r as Lead).source),
        },
        {
          id: "stage",
          title: t`Stage`,
          width: "var(--fd-col-wide)",
          cell: (r) => <LeadStage stage={(r as Lead).stage} />,
        },
        responsible,
        updated,
      ],
      deals: [
        name(
          (d: Deal) => d.title,
          (d: Deal) => d.contact_name || d.company_name,
        ),
        { id: "stage", title: t`Stage`, width: "minmax(0,1fr)", cell: (r) => stage((r as Deal).stage)?.name },
        {
          id: "amount",
          title: t`Amount`,
          width: "minmax(var(--fd-col-wide),1fr)",
          end: true,
          cell: (r) => money((r as Deal).amount, (r as Deal).currency),
        },
        responsible,
        updated,
      ],
      contacts: [
        name(
          (c: Contact) => c.name,
          (c: Contact) => c.company_name,
        ),
        phone,
        email,
        responsible,
        updated,
      ],
      companies: [
        name(
          (c: Company) => c.name,
          (c: Company) => c.website,
        ),
        phone,
        email,
        responsible,
        updated,
      ],
    };
    return columns[list];
  }, [list, pipelines, t]);
}

const nothing: ReadonlySet<string> = new Set();

/** Columns of the company's own fields. */
function useFieldColumns(kind: Kind): Column<Row>[] {
  const fields = useFields(kind);
  const text = useFieldText();
  return fields.map((f) => ({
    id: f.id,
    title: nameOf(f),
    width: "minmax(0,1fr)",
    minor: true,
    end: f.type === "number" || f.type === "money",
    cell: (r: Row) => text(f, r.fields[f.id] ?? undefined),
  }));
}

function points(r: Row): Point[] {
  return "points" in r ? r.points : [];
}

function FirstPhone({ points }: { points: Point[] }) {
  const first = points.find((p) => p.kind === "phone");
  return first ? <PhoneLink number={first.value} /> : null;
}

function FirstMail({ points }: { points: Point[] }) {
  const first = points.find((p) => p.kind === "email");
  return first ? <MailLink address={first.value} /> : null;
}

function LeadStage({ stage }: { stage: string }) {
  const meaning: Record<string, Meaning> = { new: "wait", in_progress: "off", converted: "live", junk: "off" };
  return <State is={meaning[stage] ?? "off"}>{word(leadStages, stage)}</State>;
}
