import { Trans } from "@lingui/react/macro";
import { Button, Text, UnstyledButton } from "@mantine/core";
import type { CardView, Deal } from "~/api";
import { usePipelines } from "~/api/queries";
import { cards } from "~/app/card";
import { newRecord } from "~/features/crm/new";
import { money } from "~/i18n/format";
import classes from "./RecordCard.module.css";

/** Deals of a client, each with how far it has come. */
export function Deals({ view }: { view: CardView }) {
  const { kind, id } = view.ref;
  if (kind === "deal" || kind === "lead")
    return view.deal ? (
      <section className={classes.section}>
        <Progress deal={view.deal} long />
      </section>
    ) : null;
  return (
    <section className={classes.section}>
      <div className={classes.title}>
        <Text fw={600}>
          <Trans>Deals</Trans>
        </Text>
        <Button variant="subtle" onClick={() => newRecord("deal", { [kind]: id, title: view.name })}>
          <Trans>New deal</Trans>
        </Button>
      </div>
      {view.deals.map((d) => (
        <UnstyledButton
          key={d.id}
          className={classes.deal}
          data-step
          onClick={() => cards.show({ kind: "deal", id: d.id })}
        >
          <Text span truncate>
            {d.title}
          </Text>
          <Text span className={classes.number}>
            {money(d.amount, d.currency)}
          </Text>
          <Progress deal={d} />
        </UnstyledButton>
      ))}
    </section>
  );
}

/** The steps of the pipeline, filled up to where the deal stands. */
export function Progress({ deal, long }: { deal: Deal; long?: boolean }) {
  const stages = usePipelines().find((p) => p.id === deal.pipeline)?.stages ?? [];
  const at = stages.findIndex((s) => s.id === deal.stage);
  const now = stages[at];
  const open = stages.filter((s) => s.kind === "open" || s.id === deal.stage);
  return (
    <>
      <span className={classes.steps} aria-hidden>
        {open.map((s) => (
          <span key={s.id} className={classes.step} data-kind={now?.kind} data-done={stages.indexOf(s) <= at} />
        ))}
      </span>
      <Text span c="dimmed" size="xs" ta={long ? undefined : "end"} truncate>
        {now?.name}
      </Text>
    </>
  );
}
