import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Collapse, Group, Modal, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { unset } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import shared from "~/parts/parts.module.css";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { Row, useDo } from "./parts";
import classes from "./Settings.module.css";
import { deliveryStates, deliveryTroubles, eventNames } from "./strings";
import { type Webhook, webhooksKey } from "./Webhooks";

type Delivery = components["schemas"]["Delivery"];

const lights: Record<string, Meaning> = { delivered: "live", waiting: "wait", failed: "bad" };

/** What was sent to a webhook last, or is to be, and what came of it. */
export function Deliveries({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui();
  const key = ["deliveries", webhook.id];
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/api/v1/webhooks/{id}/deliveries", {
          params: { path: { id: webhook.id }, query: { after: pageParam, limit: 25 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
    refetchInterval: 5_000,
  });
  const test = useDo(
    () => ok(api.POST("/api/v1/webhooks/{id}/test", { params: { path: { id: webhook.id } } })),
    [key, webhooksKey],
  );
  const all = list.data?.pages.flatMap((page) => page.items);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={<Trans>Deliveries to {webhook.name}</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="md">
        <Group justify="space-between" wrap="nowrap">
          <Text c="dimmed">
            <Trans>What does not arrive is sent again, for three days.</Trans>
          </Text>
          <Button loading={test.isPending} onClick={() => test.mutate()}>
            <Trans>Send a test</Trans>
          </Button>
        </Group>
        {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
        {!all && !list.error && <LateRows count={3} />}
        {all && (
          <ul className={classes.rows}>
            {all.length === 0 && (
              <li className={classes.none}>
                <Trans>Nothing was sent yet. Send a test to see whether it arrives.</Trans>
              </li>
            )}
            {all.map((d) => (
              <DeliveryRow key={d.id} delivery={d} changed={key} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        )}
      </Stack>
    </Modal>
  );
}

function DeliveryRow({ delivery: d, changed }: { delivery: Delivery; changed: string[] }) {
  const [open, setOpen] = useState(false);
  const path = { params: { path: { id: d.webhook, delivery: d.id } } };
  const resend = useDo(
    () => ok(api.POST("/api/v1/webhooks/{id}/deliveries/{delivery}/resend", path)),
    [changed, webhooksKey],
  );
  return (
    <Row
      title={word(eventNames, d.type)}
      detail={
        <>
          <When at={d.created} />
          <Came of={d} />
          {open && <Details of={d} />}
        </>
      }
    >
      <State is={lights[d.state] ?? "off"}>{word(deliveryStates, d.state)}</State>
      <Button variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Trans>Details</Trans>
      </Button>
      {Number(d.event) > 0 && (
        <Button variant="default" loading={resend.isPending} onClick={() => resend.mutate()}>
          <Trans>Send again</Trans>
        </Button>
      )}
    </Row>
  );
}

/** What came of the last attempt, and when the next one is. */
function Came({ of: d }: { of: Delivery }) {
  return (
    <>
      {d.trouble && <> · {word(deliveryTroubles, d.trouble)}</>}
      {!unset(d.next) && d.trouble && (
        <>
          {" · "}
          <Trans>
            again <When at={d.next} />
          </Trans>
        </>
      )}
    </>
  );
}

/** The raw answer, and what is sent. */
function Details({ of: d }: { of: Delivery }) {
  const { data } = useQuery({
    queryKey: ["delivery", d.id],
    queryFn: () =>
      ok(
        api.GET("/api/v1/webhooks/{id}/deliveries/{delivery}", {
          params: { path: { id: d.webhook, delivery: d.id } },
        }),
      ),
  });
  const answer = [d.status || "", d.answer].filter(Boolean).join(" ");
  return (
    <Collapse expanded>
      <Stack gap="xs" pt="xs">
        <Text inherit>
          <Trans>Attempts: {d.attempts}</Trans>
          {!unset(d.tried) && <> · {d.took} ms</>}
        </Text>
        {answer && <code className={shared.code}>{answer}</code>}
        {data && <code className={shared.code}>{JSON.stringify(data.body, null, 1)}</code>}
      </Stack>
    </Collapse>
  );
}
