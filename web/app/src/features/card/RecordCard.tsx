import { Suspense, useEffect } from "react";
import type { Ref } from "~/api";
import { useCardView } from "~/api/records";
import { useCallWith } from "~/app/callers";
import { cards } from "~/app/card";
import type { CardEvent } from "~/live/protocol";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { soon } from "~/parts/soon";
import { CallTop } from "./CallTop";
import { CardActions } from "./CardActions";
import { CardHead } from "./CardHead";
import { Deals } from "./Deals";
import { NextSteps } from "./NextSteps";
import classes from "./RecordCard.module.css";

// They stand below all else; the shell fetches them right after the first page.
export const Facts = soon(async () => ({ default: (await import("./Facts")).Facts }));
export const Timeline = soon(async () => ({ default: (await import("./Timeline")).Timeline }));

export const Offers = soon(() => import("~/features/offers/Section"));

/** A record as a card: who, what goes on, what next, facts, and all that was. */
export function RecordCard({ of: ref, event }: { of: Ref; event?: CardEvent }) {
  const known = event?.cards.find((c) => c.ref.id === ref.id);
  const { data: view, error, refetch } = useCardView(ref, known);
  const call = useCallWith(ref);
  const stands = view?.ref.id ?? ref.id;
  useEffect(() => {
    if (stands !== ref.id && cards.get().ref?.id === ref.id) cards.pick({ kind: ref.kind, id: stands });
  }, [ref.kind, ref.id, stands]); // it was merged
  if (!view) return error ? <Failure error={error} retry={() => void refetch()} /> : <LateRows />;
  if (!view.readable) return <CardHead view={view} event={event} />;
  return (
    <article className={classes.card}>
      <CardHead view={view} event={event} />
      {call && <CallTop key={call.view.call} call={call} entity={ref} />}
      <CardActions view={view} />
      <Deals view={view} />
      {view.deal && ref.kind === "deal" && (
        <Suspense fallback={<LateRows count={2} />}>
          <Offers deal={view.deal.id} />
        </Suspense>
      )}
      <NextSteps view={view} />
      <Suspense fallback={<LateRows />}>
        <Facts view={view} />
        <Timeline of={ref} known={view.timeline} />
      </Suspense>
    </article>
  );
}
