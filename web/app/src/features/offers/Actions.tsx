import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Menu, Popover, Stack, TextInput } from "@mantine/core";
import { IconCash, IconCopy, IconDots, IconFileInvoice, IconMail, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Deal, ok } from "~/api";
import { usePipelines } from "~/api/queries";
import { refresh, useCardView, useChange } from "~/api/records";
import { attempt } from "~/app/live";
import { complain, offer, propose, say } from "~/app/notify";
import { money } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import classes from "./Offers.module.css";
import { copyOf, type Offer, pdfOf, putState, remove, type State } from "./queries";

type Props = { of: Offer; flush: () => Promise<void>; onWrite: () => Promise<void> };

/** What may be done with a document next: first what usually follows. */
export function Actions({ of: o, flush, onWrite }: Props) {
  const put = useSteps(o);
  const first = async (state: Exclude<State, "draft">) => {
    await flush();
    await put(state);
  };
  const send = (main: boolean) => (
    <Button
      variant={main ? "filled" : "default"}
      leftSection={<IconMail className={classes.icon} />}
      onClick={() => attempt(onWrite())}
    >
      <Trans>Send…</Trans>
    </Button>
  );
  return (
    <>
      <Button
        variant="default"
        onClick={() => attempt(flush().then(() => void window.open(pdfOf(o.id), "_blank", "noopener")))}
      >
        <Trans>Preview</Trans>
      </Button>
      {o.kind === "offer" && o.state !== "declined" && send(o.state === "draft")}
      {o.state === "sent" && (
        <>
          <Button onClick={() => attempt(put("accepted"))}>
            <Trans>Accepted</Trans>
          </Button>
          <Button variant="default" onClick={() => attempt(put("declined"))}>
            <Trans>Declined</Trans>
          </Button>
        </>
      )}
      {o.state === "accepted" && <ToInvoice of={o} />}
      {o.kind === "invoice" && o.state === "draft" && (
        <Button onClick={() => attempt(first("issued"))}>
          <Trans>Issue</Trans>
        </Button>
      )}
      {o.state === "issued" && send(true)}
      {o.state === "issued" && <Paid onPaid={(day) => attempt(put("paid", day))} />}
      <More of={o} onPut={(state) => attempt(first(state))} />
    </>
  );
}

/** Brings a document into a state, says so and offers the way back; what is accepted may win the deal. */
function useSteps(o: Offer) {
  const { data: view } = useCardView({ kind: "deal", id: o.deal });
  const win = useWin(view?.deal);
  return async (state: Exclude<State, "draft">, day?: string) => {
    await putState(o.id, state, day);
    const back = () => attempt(putState(o.id, o.kind === "offer" ? "sent" : "issued"));
    switch (state) {
      case "accepted":
        if (win) propose(msg`Accepted. Is the deal won?`, msg`Move it to ${win.name}`, win.go, 10_000);
        else offer(msg`Accepted`, back);
        break;
      case "declined":
        offer(msg`Declined`, back);
        break;
      case "paid":
        offer(msg`Paid`, back);
        break;
      case "issued":
        if (o.state === "draft") say(msg`Issued. It has its number now and stays as it is.`);
        break;
      case "cancelled":
        say(msg`Cancelled. Its number stays taken.`);
    }
  };
}

/** The way to the won stage of a deal's pipeline; none for one that is closed already. */
function useWin(deal: Deal | undefined): { name: string; go: () => void } | undefined {
  const stages = usePipelines().find((p) => p.id === deal?.pipeline)?.stages ?? [];
  const won = stages.find((s) => s.kind === "won");
  const now = stages.find((s) => s.id === deal?.stage);
  if (!deal || !won || now?.kind !== "open") return undefined;
  const move = async (stage: string) => {
    await ok(api.POST("/api/v1/deals/{id}/move", { params: { path: { id: deal.id } }, body: { stage } }));
    refresh("deal");
  };
  const back = () => attempt(move(deal.stage));
  return { name: won.name, go: () => void move(won.id).then(() => offer(msg`Deal moved`, back), complain) };
}

function ToInvoice({ of: o }: { of: Offer }) {
  const navigate = useNavigate();
  const make = () =>
    attempt(copyOf(o.id, "invoice").then((made) => navigate({ to: "/offers/$id", params: { id: made.id } })));
  return (
    <Button leftSection={<IconFileInvoice className={classes.icon} />} onClick={make}>
      <Trans>Make an invoice</Trans>
    </Button>
  );
}

function Paid({ onPaid }: { onPaid: (day: string) => void }) {
  const { t, i18n } = useLingui();
  const [open, setOpen] = useState(false);
  const [day, setDay] = useState(() => new Date().toLocaleDateString("sv"));
  return (
    <Popover opened={open} onChange={setOpen} trapFocus key={i18n.locale}>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconCash className={classes.icon} />}
          onClick={() => setOpen(!open)}
          aria-expanded={open}
        >
          <Trans>Paid…</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            setOpen(false);
            onPaid(day);
          }}
        >
          <Stack gap="sm">
            <TextInput
              type="date"
              label={t`Paid on`}
              required
              value={day}
              onChange={(e) => setDay(e.currentTarget.value)}
            />
            <Button type="submit">
              <Trans>It is paid</Trans>
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What is done seldom. */
function More({ of: o, onPut }: { of: Offer; onPut: (state: Exclude<State, "draft">) => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const deal = useCardView({ kind: "deal", id: o.deal }).data?.deal;
  const change = useChange({ kind: "deal", id: o.deal });
  const to = (made: Offer) => navigate({ to: "/offers/$id", params: { id: made.id }, replace: true });
  const drop = async () => {
    const back = await remove(o);
    await navigate({ to: "/crm/$list/$id", params: { list: "deals", id: o.deal } as never });
    offer(msg`Draft removed`, () => attempt(back().then(to)));
  };
  const worth = deal && (deal.amount !== o.totals.total || deal.currency !== o.currency);
  const take = () => {
    if (!deal) return;
    const { amount, currency } = deal;
    change.mutate({ amount: o.totals.total, currency: o.currency });
    offer(msg`The deal's amount is changed`, () => change.mutate({ amount, currency }));
  };
  const total = money(o.totals.total, o.currency);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t`More`}>
          <IconDots className={classes.icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {worth && (
          <Menu.Item leftSection={<IconCash className={classes.icon} />} onClick={take}>
            <Trans>Take {total} as the deal's amount</Trans>
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconCopy className={classes.icon} />}
          onClick={() => attempt(copyOf(o.id, o.kind).then(to))}
        >
          <Trans>Copy as a new draft</Trans>
        </Menu.Item>
        {o.kind === "offer" && o.state === "draft" && (
          <Menu.Item onClick={() => onPut("sent")}>
            <Trans>It was sent otherwise</Trans>
          </Menu.Item>
        )}
        {(o.state === "accepted" || o.state === "declined") && (
          <Menu.Item onClick={() => onPut("sent")}>
            <Trans>Open again</Trans>
          </Menu.Item>
        )}
        {o.state === "paid" && (
          <Menu.Item onClick={() => onPut("issued")}>
            <Trans>It is not paid</Trans>
          </Menu.Item>
        )}
        {o.state === "issued" && (
          <DeleteButton
            label={<Trans>Cancel this invoice</Trans>}
            sure={<Trans>Really cancel: there is no way back</Trans>}
            onDelete={() => onPut("cancelled")}
          />
        )}
        {o.state === "draft" && (
          <Menu.Item color="red" leftSection={<IconTrash className={classes.icon} />} onClick={() => attempt(drop())}>
            <Trans>Remove</Trans>
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
