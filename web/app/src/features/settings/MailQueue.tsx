import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Menu, Text } from "@mantine/core";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { queueReasons } from "./dnsWords";
import { Row, Rows, Section, useDo } from "./parts";

type Queued = components["schemas"]["QueueItem"];

const key = ["mail-queue"];

/** What waits to be sent: why, and what can be done about it. */
export function MailQueue() {
  return (
    <Section
      title={<Trans>Waiting to be sent</Trans>}
      about={<Trans>What the other side did not take yet is tried again by itself.</Trans>}
    >
      <Rows<Queued>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/queue", { params: { query: { all: true } } }))).items}
        none={
          <State is="live">
            <Trans>Everything has been sent.</Trans>
          </State>
        }
        row={(q) => <QueuedRow key={q.id} item={q} />}
      />
    </Section>
  );
}

function QueuedRow({ item: q }: { item: Queued }) {
  const { t } = useLingui();
  const path = { path: { id: q.id } };
  const retry = useDo(() => ok(api.POST("/api/v1/mail/queue/{id}/retry", { params: path })), [key]);
  const hold = useDo(() => ok(api.POST("/api/v1/mail/queue/{id}/hold", { params: path })), [key]);
  const drop = useDo(
    (notice: boolean) => ok(api.DELETE("/api/v1/mail/queue/{id}", { params: { ...path, query: { notice } } })),
    [key],
  );
  return (
    <Row title={`${q.from || t`This server`} → ${q.to}`} detail={<Why item={q} />}>
      <Text c="dimmed" size="sm">
        {q.held ? (
          <Trans>on hold</Trans>
        ) : (
          <Trans>
            attempt {q.attempts}, next <When at={q.next} />
          </Trans>
        )}
      </Text>
      <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
        <Trans>Send now</Trans>
      </Button>
      {!q.held && (
        <Button variant="subtle" color="gray" loading={hold.isPending} onClick={() => hold.mutate()}>
          <Trans>Hold</Trans>
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" loading={drop.isPending}>
            <Trans>Delete</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => drop.mutate(true)}>
            <Trans>Delete, and tell the sender</Trans>
          </Menu.Item>
          <Menu.Item color="red" onClick={() => drop.mutate(false)}>
            <Trans>Delete without a word</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Row>
  );
}

/** What it is about, why it waits in plain words, and what the other side said. */
function Why({ item: q }: { item: Queued }) {
  return (
    <>
      {q.subject && <div>{q.subject}</div>}
      <div>{word(queueReasons, q.why)}</div>
      {q.answer && (
        <div>
          {q.remote && `${q.remote}: `}
          {q.answer}
        </div>
      )}
    </>
  );
}
