import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { type Queue, queuesKey, readQueues } from "~/api/queries";
import { word } from "~/app/words";
import { DeleteButton } from "~/parts/deeds";
import { useNames } from "~/parts/people";
import { DestinationText } from "./Destination";
import { useLeading } from "./leading";
import { Row, Rows, Section, useDo } from "./parts";
import { QueueForm } from "./QueueForm";
import { queueEnds, strategies } from "./strings";

const fresh: Queue = {
  id: "",
  name: "",
  strategy: "longest_idle",
  agents: [],
  seconds: 20,
  wrap_up: 10,
  priority: 0,
  max_waiting: 0,
  max_wait: 600,
  announce: 60,
  language: "en",
  callback: { offered: false, tries: 3, minutes: 10 },
  leads: {},
};

/** Where callers wait for one of several agents. */
export function Queues() {
  const [edited, setEdited] = useState<Queue>();
  const leading = useLeading("queue");
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/queues/{id}", { params: { path: { id } } })),
    [queuesKey],
  );
  return (
    <Section
      title={<Trans>Queues</Trans>}
      about={<Trans>Callers wait with music until an agent is free. Agents log in and out under Calls → Queues.</Trans>}
      action={
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a queue</Trans>
        </Button>
      }
    >
      <Rows<Queue>
        queryKey={queuesKey}
        read={readQueues}
        none={
          <Trans>No queue yet. Add one where more call than can be answered at once, then lead a number to it.</Trans>
        }
        row={(q) => (
          <Row key={q.id} title={q.name} detail={<Detail q={q} leading={leading(q.id)} />}>
            <Button variant="default" data-open onClick={() => setEdited(q)}>
              <Trans>Edit</Trans>
            </Button>
            {leading(q.id).length === 0 && <DeleteButton onDelete={() => remove.mutate(q.id)} />}
          </Row>
        )}
      />
      {edited && <QueueForm queue={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function Detail({ q, leading }: { q: Queue; leading: string[] }) {
  const who = useNames()(q.agents);
  const from = leading.join(", ");
  return (
    <>
      {word(strategies, q.strategy)}: {who}
      {Object.keys(queueEnds).map((end) => {
        const to = q.leads[end as keyof Queue["leads"]];
        return (
          to && (
            <div key={end}>
              {word(queueEnds, end)}: <DestinationText to={to} />
            </div>
          )
        );
      })}
      <div>
        {from ? <Trans>For {from}</Trans> : <Trans>No number leads here yet: choose the queue at one under Edit</Trans>}
      </div>
    </>
  );
}
