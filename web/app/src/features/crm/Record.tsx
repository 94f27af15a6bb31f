import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import type { Kind, Plural, Ref } from "~/api";
import { useCardView } from "~/api/records";
import { cards } from "~/app/card";
import { CardActions } from "~/features/card/CardActions";
import { CardHead } from "~/features/card/CardHead";
import { Deals } from "~/features/card/Deals";
import { Facts } from "~/features/card/Facts";
import { NextSteps } from "~/features/card/NextSteps";
import { Offers } from "~/features/card/RecordCard";
import { Timeline } from "~/features/card/Timeline";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import classes from "./Record.module.css";

const kinds: Record<string, Kind> = { leads: "lead", deals: "deal", contacts: "contact", companies: "company" };

/** A record on a page of its own: facts at the left, all that was at the right. */
export default function Record() {
  const { list, id } = useParams({ from: "/crm/$list/$id" });
  const kind = kinds[list];
  if (!kind) return <Empty title={<Trans>There is no such page</Trans>} />;
  return <Whole key={id} of={{ kind, id }} list={list as Plural} />;
}

function Whole({ of: ref, list }: { of: Ref; list: Plural }) {
  const { data: view, error, refetch } = useCardView(ref);
  const navigate = useNavigate();
  useEffect(() => {
    if (cards.get().ref?.id === ref.id && !cards.get().event) cards.close();
  }, [ref.id]);
  const stands = view?.ref.id ?? ref.id;
  useEffect(() => {
    if (stands !== ref.id) void navigate({ to: "/crm/$list/$id", params: { list, id: stands }, replace: true });
  }, [navigate, list, ref.id, stands]); // it was merged: the address is that of the one that stands
  if (!view) return error ? <Failure error={error} retry={() => void refetch()} /> : <LateRows />;
  return (
    <div className={classes.record}>
      <div className={classes.back}>
        <Button component={Link} to="/crm/$list" params={{ list } as never} variant="subtle" color="gray">
          ← <Trans>Back to the list</Trans>
        </Button>
      </div>
      <div className={classes.columns}>
        <div className={classes.side}>
          <CardHead view={view} />
          {view.readable && <CardActions view={view} />}
          {view.readable && <Facts view={view} />}
        </div>
        {view.readable && (
          <div className={classes.main}>
            <Deals view={view} />
            {ref.kind === "deal" && (
              <Suspense fallback={<LateRows count={2} />}>
                <Offers deal={view.ref.id} />
              </Suspense>
            )}
            <NextSteps view={view} />
            <Timeline of={ref} known={view.timeline} />
          </div>
        )}
      </div>
    </div>
  );
}
