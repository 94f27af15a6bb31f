import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowsMaximize, IconPin, IconPinFilled, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { plural } from "~/api";
import { cards, useCard } from "~/app/card";
import { CardChoice } from "./CardChoice";
import classes from "./CardPane.module.css";
import { RecordCard } from "./RecordCard";
import { useWidth } from "./useWidth";

/** Who is it about: the record beside the page. It never takes the focus. */
export function CardPane() {
  const { t } = useLingui();
  const state = useCard();
  const { width, handle } = useWidth();
  const { ref, event } = state;
  return (
    <aside className={classes.pane} style={{ width }} aria-label={t`Card`} data-testid="card">
      <hr className={classes.handle} aria-label={t`Width of the card`} {...handle} />
      <PaneBar />
      {state.waiting && (
        <Button variant="light" radius={0} fullWidth onClick={cards.admit}>
          <Trans>New: {state.waiting.name || state.waiting.address}. Show the card</Trans>
        </Button>
      )}
      <div className={classes.scroll}>
        {event && (event.cards.length !== 1 || !ref) && <CardChoice event={event} chosen={ref} />}
        {ref && <RecordCard key={ref.id} of={ref} event={event} />}
      </div>
    </aside>
  );
}

function PaneBar() {
  const { t } = useLingui();
  const { ref, pinned } = useCard();
  const navigate = useNavigate();
  const PinIcon = pinned ? IconPinFilled : IconPin;
  return (
    <div className={classes.bar}>
      {ref && (
        <Tooltip label={t`Open full`}>
          <ActionIcon
            aria-label={t`Open full`}
            onClick={() => void navigate({ to: "/crm/$list/$id", params: { list: plural[ref.kind], id: ref.id } })}
          >
            <IconArrowsMaximize className={classes.icon} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={pinned ? t`Unpin` : t`Pin: calls and mails wait`}>
        <ActionIcon aria-label={t`Pin`} aria-pressed={pinned} onClick={() => cards.pin(!pinned)}>
          <PinIcon className={classes.icon} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t`Close`}>
        <ActionIcon aria-label={t`Close the card`} onClick={cards.close}>
          <IconX className={classes.icon} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
