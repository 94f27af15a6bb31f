import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select, Text } from "@mantine/core";
import { type DragEvent, type KeyboardEvent, useState } from "react";
import type { Deal, Pipeline, Stage } from "~/api";
import { usePipelines } from "~/api/queries";
import { cards, useCard } from "~/app/card";
import { money } from "~/i18n/format";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { UserTag } from "~/parts/people";
import { State } from "~/parts/State";
import classes from "./Board.module.css";
import { newRecord } from "./new";
import { type ListFilter, useList, useMoveDeal, useSums } from "./queries";
import { askWhyLost, WhyLost } from "./WhyLost";

const rots = 14 * 24 * 3600_000; // ms in one stage after which a deal is marked
const dragged = "application/x-frontdesk-deal";

/** Deals by stage. Drag one, or move it with Shift and the arrow keys. */
export function Board({ filter }: { filter: ListFilter }) {
  const { t } = useLingui();
  const pipelines = usePipelines();
  const [chosen, setChosen] = useState<string>();
  const pipeline = pipelines.find((p) => p.id === chosen) ?? pipelines[0];
  const { rows, more, isPending, error, refetch } = useList<Deal>("deals", { ...filter, pipeline: pipeline?.id });
  const sums = useSums(pipeline?.id, filter);
  if (isPending || !pipeline) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const deals = rows.filter((d) => d.pipeline === pipeline.id);
  if (!deals.length)
    return (
      <Empty
        title={<Trans>No deals yet</Trans>}
        action={
          <Button onClick={() => newRecord("deal")}>
            <Trans>New deal</Trans>
          </Button>
        }
      >
        <Trans>A deal is a sale under way. Make one here or from a client's card.</Trans>
      </Empty>
    );
  return (
    <>
      {pipelines.length > 1 && (
        <Select
          className={classes.pipeline}
          aria-label={t`Pipeline`}
          value={pipeline.id}
          onChange={(id) => setChosen(id ?? undefined)}
          data={pipelines.map((p) => ({ value: p.id, label: p.name }))}
        />
      )}
      <WhyLost />
      <div className={classes.board}>
        {pipeline.stages.map((stage) => (
          <Lane
            key={stage.id}
            stage={stage}
            pipeline={pipeline}
            deals={deals.filter((d) => d.stage === stage.id)}
            sums={sums.filter((s) => s.stage === stage.id)}
            all={deals}
            onMore={more}
          />
        ))}
      </div>
    </>
  );
}

type LaneProps = {
  stage: Stage;
  pipeline: Pipeline;
  deals: Deal[];
  sums: { currency: string; count: number; amount: number }[];
  all: Deal[];
  onMore: () => void;
};

function Lane({ stage, pipeline, deals, sums, all, onMore }: LaneProps) {
  const count = sums.reduce((n, s) => n + s.count, 0);
  const put = useMoveDeal();
  const move = (deal: Deal, to: string) => {
    put(deal, to);
    if (to !== deal.stage && pipeline.stages.find((s) => s.id === to)?.kind === "lost") askWhyLost(deal);
  };
  const [over, setOver] = useState(false);
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    const deal = all.find((d) => d.id === e.dataTransfer.getData(dragged));
    if (deal) move(deal, stage.id);
  };
  return (
    <section
      className={classes.lane}
      data-over={over}
      data-kind={stage.kind}
      aria-label={stage.name}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <header className={classes.head}>
        <Text fw={600} truncate className={classes.stage} title={stage.name}>
          {stage.name}
        </Text>
        <Text c="dimmed" size="xs">
          {count}
        </Text>
        <Text size="xs" className={classes.sum}>
          {sums.map((s, i) => (
            <span key={s.currency}>
              {i > 0 && " + "}
              <span className={classes.amount}>{money(s.amount, s.currency)}</span>
            </span>
          ))}
        </Text>
      </header>
      <div className={classes.deals}>
        {deals.map((d) => (
          <DealTile
            key={d.id}
            deal={d}
            onMove={(by) => {
              const to = pipeline.stages[pipeline.stages.findIndex((s) => s.id === d.stage) + by];
              if (to) move(d, to.id);
            }}
          />
        ))}
        {deals.length < count && (
          <Button variant="subtle" onClick={onMore}>
            <Trans>Show more</Trans>
          </Button>
        )}
      </div>
    </section>
  );
}

function DealTile({ deal, onMove }: { deal: Deal; onMove: (by: number) => void }) {
  const { ref } = useCard();
  const show = () => cards.show({ kind: "deal", id: deal.id });
  const keys = (e: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (e.shiftKey && by) onMove(by);
    else if (e.key === "Enter" || e.key === " ") show();
    else return;
    e.preventDefault();
  };
  const rotten = Date.now() - Date.parse(deal.moved) > rots;
  return (
    <div
      role="button"
      tabIndex={0}
      data-step
      draggable
      data-testid="deal"
      data-deal={deal.id}
      className={classes.deal}
      aria-pressed={ref?.id === deal.id}
      aria-keyshortcuts="Shift+ArrowRight Shift+ArrowLeft"
      onClick={show}
      onKeyDown={keys}
      onDragStart={(e) => e.dataTransfer.setData(dragged, deal.id)}
    >
      <Text fw={500} lineClamp={2}>
        {deal.title}
      </Text>
      <Text c="dimmed" truncate>
        {deal.contact_name || deal.company_name}
      </Text>
      <div className={classes.foot}>
        <UserTag id={deal.responsible} />
        {rotten && (
          <State is="wait">
            <Trans>still</Trans>
          </State>
        )}
        <Text span fw={500} className={classes.amount}>
          {money(deal.amount, deal.currency)}
        </Text>
      </div>
    </div>
  );
}
