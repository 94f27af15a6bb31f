import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Kbd, Stack, Text, UnstyledButton } from "@mantine/core";
import { useEffect } from "react";
import type { Ref } from "~/api";
import { api, ok } from "~/api";
import { decided } from "~/app/callers";
import { cards } from "~/app/card";
import { typing } from "~/app/keys";
import { attempt } from "~/app/live";
import { kinds, reasons, subtitleOf, word } from "~/app/words";
import { newRecord } from "~/features/crm/new";
import { phone } from "~/i18n/format";
import type { CardEvent } from "~/live/protocol";
import classes from "./CardChoice.module.css";

/** Several may be meant, or nobody is known: the person says who it is. A digit picks. */
export function CardChoice({ event, chosen }: { event: CardEvent; chosen: Ref | undefined }) {
  useDigits(event, chosen);
  if (event.cards.length === 0) return <Nobody event={event} />;
  const meets = event.reason === "meeting";
  return (
    <Stack gap="xs" className={classes.choice}>
      <Text fw={600}>{meets ? <Trans>What the meeting is about</Trans> : <Trans>Who is it?</Trans>}</Text>
      {!meets && (
        <Text c="dimmed" size="xs">
          <Trans>Several have {phone(event.address)}.</Trans>
        </Text>
      )}
      {event.cards.map((c, i) => (
        <UnstyledButton
          key={c.ref.id}
          className={classes.option}
          data-step
          aria-pressed={c.ref.id === chosen?.id}
          onClick={() => pick(event, c.ref)}
        >
          <Kbd size="xs">{i + 1}</Kbd>
          <span className={classes.name}>
            <Text span fw={500} truncate>
              {c.name}
            </Text>
            <Text span c="dimmed" size="xs" truncate>
              {[subtitleOf(c) || word(kinds, c.ref.kind)].join(" · ")}
            </Text>
          </span>
          {c.why && !meets && <Badge>{word(reasons, c.why)}</Badge>}
        </UnstyledButton>
      ))}
    </Stack>
  );
}

function Nobody({ event }: { event: CardEvent }) {
  const draft = event.address.includes("@") ? { emails: [event.address] } : { phones: [event.address] };
  return (
    <Stack gap="sm" className={classes.choice}>
      <Text fw={600}>{event.name || phone(event.address) || <Trans>Number withheld</Trans>}</Text>
      <Text c="dimmed">
        <Trans>Nobody with this number or address is known yet.</Trans>
      </Text>
      {event.address && (
        <Group gap="sm">
          <Button onClick={() => newRecord("contact", { name: event.name, ...draft })}>
            <Trans>New contact</Trans>
          </Button>
          <Button variant="default" onClick={() => newRecord("lead", { name: event.name, ...draft })}>
            <Trans>New lead</Trans>
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** Shows the record and tells the server that the call or mail belongs to it; a meeting is about all of them. */
function pick(event: CardEvent, ref: Ref): void {
  cards.pick(ref);
  if (event.call) decided(event.call, ref);
  if (!event.activity || event.reason === "meeting") return;
  attempt(ok(api.POST("/api/v1/activities/{id}/link", { params: { path: { id: event.activity } }, body: ref })));
}

function useDigits(event: CardEvent, chosen: Ref | undefined): void {
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      const found = event.cards[Number(e.key) - 1];
      if (!found || chosen || typing(e.target) || e.ctrlKey || e.altKey || e.metaKey) return;
      e.preventDefault();
      pick(event, found.ref);
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, [event, chosen]);
}
