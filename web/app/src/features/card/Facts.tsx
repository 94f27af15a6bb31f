import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Select, Text, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type ReactNode, Suspense, useState } from "react";
import type { CardView, Point } from "~/api";
import { usePipelines } from "~/api/queries";
import { useChange } from "~/api/records";
import { cards } from "~/app/card";
import { leadStages, sources, word } from "~/app/words";
import { NeverCall } from "~/features/calling/NeverCall";
import { phone } from "~/i18n/format";
import { InPlace } from "~/parts/InPlace";
import { MailLink, PhoneLink } from "~/parts/links";
import shared from "~/parts/parts.module.css";
import { soon } from "~/parts/soon";
import { Fact } from "./Fact";
import { FieldFacts } from "./FieldFacts";
import classes from "./RecordCard.module.css";
import { Worth } from "./Worth";

const KnownSame = soon(() => import("~/features/crm/KnownSame"));

/** What is known of a record; everything is edited where it stands. */
export function Facts({ view }: { view: CardView }) {
  const kind = view.ref.kind;
  return (
    <section className={classes.section}>
      <dl className={classes.facts}>
        {kind === "lead" && <LeadFacts view={view} />}
        {kind === "deal" && <DealFacts view={view} />}
        {kind !== "deal" && <Points view={view} />}
        {kind === "contact" && <ContactFacts view={view} />}
        {kind === "company" && <CompanyFacts view={view} />}
        <FieldFacts view={view} />
        <TextFact view={view} field="comment" label={<Trans>Comment</Trans>} long />
      </dl>
    </section>
  );
}

type FieldProps = { view: CardView; field: string; label: ReactNode; long?: boolean };

function TextFact({ view, field, label, long }: FieldProps) {
  const change = useChange(view.ref);
  const record = view[view.ref.kind] as Record<string, unknown> | undefined;
  return (
    <Fact label={label}>
      <InPlace
        label={field}
        value={String(record?.[field] ?? "")}
        long={long}
        onSave={(value) => change.mutate({ [field]: value })}
      />
    </Fact>
  );
}

function ContactFacts({ view }: { view: CardView }) {
  const contact = view.contact;
  return (
    <>
      <TextFact view={view} field="name" label={<Trans>Name</Trans>} />
      <TextFact view={view} field="position" label={<Trans>Position</Trans>} />
      {contact?.company && (
        <Fact label={<Trans>Company</Trans>}>
          <button
            type="button"
            className={shared.link}
            onClick={() => cards.show({ kind: "company", id: contact.company! })}
          >
            {contact.company_name}
          </button>
        </Fact>
      )}
    </>
  );
}

function CompanyFacts({ view }: { view: CardView }) {
  return (
    <>
      <TextFact view={view} field="name" label={<Trans>Name</Trans>} />
      <TextFact view={view} field="website" label={<Trans>Website</Trans>} />
    </>
  );
}

function LeadFacts({ view }: { view: CardView }) {
  const { t } = useLingui();
  const change = useChange(view.ref);
  const lead = view.lead;
  if (!lead) return null;
  const stages = ["new", "in_progress", "junk", ...(lead.stage === "converted" ? ["converted"] : [])];
  return (
    <>
      <Fact label={<Trans>Stage</Trans>}>
        <Select
          size="xs"
          aria-label={t`Stage`}
          value={lead.stage}
          disabled={lead.stage === "converted"}
          data={stages.map((s) => ({ value: s, label: word(leadStages, s) }))}
          onChange={(stage) => change.mutate({ stage })}
        />
      </Fact>
      <TextFact view={view} field="title" label={<Trans>Title</Trans>} />
      <TextFact view={view} field="name" label={<Trans>Name</Trans>} />
      <TextFact view={view} field="company_name" label={<Trans>Company</Trans>} />
      <Fact label={<Trans>Came by</Trans>}>
        {word(sources, lead.source)}
        {lead.line && ` · ${phone(lead.line)}`}
      </Fact>
      {lead.rule && <Fact label={<Trans>Rule</Trans>}>{lead.rule}</Fact>}
    </>
  );
}

function DealFacts({ view }: { view: CardView }) {
  const { t } = useLingui();
  const change = useChange(view.ref);
  const deal = view.deal;
  const stages = usePipelines().find((p) => p.id === deal?.pipeline)?.stages ?? [];
  if (!deal) return null;
  return (
    <>
      <TextFact view={view} field="title" label={<Trans>Title</Trans>} />
      <Fact label={<Trans>Stage</Trans>}>
        <Select
          size="xs"
          aria-label={t`Stage`}
          value={deal.stage}
          data={stages.map((s) => ({ value: s.id, label: s.name }))}
          onChange={(stage) => change.mutate({ stage })}
        />
      </Fact>
      <Fact label={<Trans>Amount</Trans>}>
        <Worth of={deal} onSave={(worth) => change.mutate(worth)} />
      </Fact>
      {deal.contact && (
        <Fact label={<Trans>Contact</Trans>}>
          <button
            type="button"
            className={shared.link}
            onClick={() => cards.show({ kind: "contact", id: deal.contact! })}
          >
            {deal.contact_name}
          </button>
        </Fact>
      )}
      {deal.company && (
        <Fact label={<Trans>Company</Trans>}>
          <button
            type="button"
            className={shared.link}
            onClick={() => cards.show({ kind: "company", id: deal.company! })}
          >
            {deal.company_name}
          </button>
        </Fact>
      )}
    </>
  );
}

function Points({ view }: { view: CardView }) {
  return (
    <>
      <PointsOf view={view} kind="phone" label={<Trans>Phones</Trans>} />
      <PointsOf view={view} kind="email" label={<Trans>Addresses</Trans>} />
    </>
  );
}

function PointsOf({ view, kind, label }: { view: CardView; kind: "phone" | "email"; label: ReactNode }) {
  const { t } = useLingui();
  const change = useChange(view.ref);
  const [adding, setAdding] = useState(false);
  const [asks, setAsks] = useState(false);
  const [typed, setTyped] = useState("");
  const numbers = view.points.flatMap((p) => (p.kind === "phone" && p.value ? [p.value] : []));
  const save = (points: Point[]) =>
    change.mutate({
      points: points.map(({ kind, raw, value, ext, label }) => ({ kind, raw: raw || value, ext, label })),
    });
  const add = (raw: string) => {
    setAdding(false);
    setTyped("");
    if (raw.trim()) save([...view.points, { kind, raw: raw.trim(), value: raw.trim() }]);
  };
  const plus = (
    <Tooltip label={t`Add`}>
      <ActionIcon
        size="xs"
        aria-label={kind === "phone" ? t`Add a number` : t`Add an address`}
        onClick={() => {
          setAsks(true);
          setAdding(true);
        }}
      >
        <IconPlus />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Fact label={label} tool={plus}>
      {view.points
        .filter((p) => p.kind === kind)
        .map((p) => (
          <span key={p.value} className={classes.point}>
            {kind === "phone" ? <PhoneLink number={p.value} /> : <MailLink address={p.value} />}
            <Text span c="dimmed" size="xs" flex={1}>
              {[p.ext, p.label].filter(Boolean).join(" ")}
            </Text>
            {kind === "phone" && p.value && <NeverCall number={p.value} among={numbers} />}
            <ActionIcon
              size="xs"
              className={classes.remove}
              aria-label={t`Remove ${p.value}`}
              onClick={() => save(view.points.filter((o) => o !== p))}
            >
              <IconX />
            </ActionIcon>
          </span>
        ))}
      <Suspense>{asks && <KnownSame kind={kind} text={typed} of={view.ref} />}</Suspense>
      {adding && (
        <TextInput
          size="xs"
          autoFocus
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          aria-label={kind === "phone" ? t`New number` : t`New address`}
          onBlur={(e) => add(e.currentTarget.value)}
          onKeyDown={(e) => e.key === "Enter" && add(e.currentTarget.value)}
        />
      )}
    </Fact>
  );
}
