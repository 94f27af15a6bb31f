import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { unset } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { Deliveries } from "./Deliveries";
import { Row, Rows, Section, useDo } from "./parts";
import { eventNames } from "./strings";
import { Secret, WebhookForm } from "./WebhookForm";

export type Webhook = components["schemas"]["Webhook"];

export const webhooksKey = ["webhooks"];

/** Addresses of other programs that events are sent to. */
export function Webhooks() {
  const [edited, setEdited] = useState<Webhook | "new">();
  const [shown, setShown] = useState<Webhook>();
  const [secret, setSecret] = useState<string>();
  return (
    <Section
      title={<Trans>Webhooks</Trans>}
      about={<Trans>Other programs are told what happens here: each event is sent to their address, signed.</Trans>}
      action={
        <Button onClick={() => setEdited("new")}>
          <Trans>Add a webhook</Trans>
        </Button>
      }
    >
      <Rows<Webhook>
        queryKey={webhooksKey}
        read={async () => (await ok(api.GET("/api/v1/webhooks"))).items}
        none={
          <Trans>
            No program is told anything. Add the address that your shop, your accounting or an automation service gave
            you, and choose what it is to hear of.
          </Trans>
        }
        row={(w) => <WebhookRow key={w.id} webhook={w} onEdit={setEdited} onShow={setShown} />}
      />
      {edited && <WebhookForm webhook={edited} onClose={() => setEdited(undefined)} onMade={setSecret} />}
      {shown && <Deliveries webhook={shown} onClose={() => setShown(undefined)} />}
      <Secret secret={secret} onClose={() => setSecret(undefined)} />
    </Section>
  );
}

type RowProps = { webhook: Webhook; onEdit: (w: Webhook) => void; onShow: (w: Webhook) => void };

function WebhookRow({ webhook: w, onEdit, onShow }: RowProps) {
  const { t } = useLingui();
  const path = { params: { path: { id: w.id } } };
  const remove = useDo(() => ok(api.DELETE("/api/v1/webhooks/{id}", path)), [webhooksKey]);
  const turn = useDo(
    (active: boolean) => ok(api.PATCH("/api/v1/webhooks/{id}", { ...path, body: { active } })),
    [webhooksKey],
  );
  return (
    <Row
      title={w.name}
      detail={
        <>
          <Text inherit truncate>
            {w.url}
          </Text>
          <Types of={w.types} />
        </>
      }
    >
      <Condition of={w} />
      <Switch
        checked={w.active}
        disabled={turn.isPending}
        onChange={(e) => turn.mutate(e.currentTarget.checked)}
        aria-label={t`On`}
      />
      <Button variant="default" onClick={() => onShow(w)}>
        <Trans>Deliveries</Trans>
      </Button>
      <Button variant="default" data-open onClick={() => onEdit(w)}>
        <Trans>Edit</Trans>
      </Button>
      <DeleteButton onDelete={() => remove.mutate()} />
    </Row>
  );
}

function Types({ of }: { of: string[] }) {
  if (of.length === 0) return <Trans>All events</Trans>;
  return of.map((type) => word(eventNames, type)).join(", ");
}

/** How a webhook does. */
function Condition({ of: w }: { of: Webhook }) {
  const waiting = Number(w.waiting);
  return (
    <State is={light(w)}>
      <Said of={w} />
      {waiting > 0 && (
        <>
          {" · "}
          <Plural value={waiting} one="# waits" other="# wait" />
        </>
      )}
    </State>
  );
}

function light(w: Webhook): Meaning {
  if (!w.active) return w.stopped ? "bad" : "off";
  if (!unset(w.failing_since)) return "bad";
  return w.waiting ? "wait" : "live";
}

function Said({ of: w }: { of: Webhook }) {
  if (w.stopped === "gone") return <Trans>Switched off: the program says that it is no more</Trans>;
  if (w.stopped === "silent") return <Trans>Switched off: nothing arrived for two days</Trans>;
  if (!w.active) return <Trans>Switched off</Trans>;
  if (unset(w.failing_since)) return <Trans>Works</Trans>;
  return (
    <Trans>
      Nothing arrives since <When at={w.failing_since} />
    </Trans>
  );
}
