import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { attempt } from "~/app/live";
import { word } from "~/app/words";
import { day, money } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import classes from "./Offers.module.css";
import { begin, type Kind, type Offer, useOfferSettings, useOffersOf } from "./queries";
import { kindNames, meanings, stateNames } from "./strings";

/** Offers and invoices of a deal, on its card. */
export default function Section({ deal }: { deal: string }) {
  const { t } = useLingui();
  const off = useOfferSettings()?.off;
  const { data, error, refetch } = useOffersOf(deal, off === false);
  const navigate = useNavigate();
  if (off !== false) return null;
  const add = (kind: Kind) =>
    attempt(begin(deal, kind).then((o) => navigate({ to: "/offers/$id", params: { id: o.id } })));
  return (
    <section className={classes.section} aria-label={t`Offers and invoices`}>
      <div className={classes.title}>
        <Text fw={600}>
          <Trans>Offers and invoices</Trans>
        </Text>
        <Group gap={0}>
          <Button variant="subtle" onClick={() => add("offer")}>
            <Trans>New offer</Trans>
          </Button>
          <Button variant="subtle" onClick={() => add("invoice")}>
            <Trans>New invoice</Trans>
          </Button>
        </Group>
      </div>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      {data?.length === 0 && (
        <Text c="dimmed" size="sm">
          <Trans>
            Nothing was offered yet. Write an offer of your products: it goes to the client by mail, as a PDF.
          </Trans>
        </Text>
      )}
      {data?.map((o) => (
        <Row key={o.id} of={o} />
      ))}
    </section>
  );
}

function Row({ of: o }: { of: Offer }) {
  return (
    <Link to="/offers/$id" params={{ id: o.id }} className={classes.row} data-step>
      <Text span truncate>
        {word(kindNames, o.kind)} {o.number}
      </Text>
      <Text span className={classes.number}>
        {money(o.totals.total, o.currency)}
      </Text>
      <Text span c="dimmed" size="xs">
        {day(o.date)}
      </Text>
      <Text span size="xs" className={classes.number}>
        <State is={meanings[o.state]}>{word(stateNames, o.state)}</State>
      </Text>
    </Link>
  );
}
