import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { word } from "~/app/words";
import { fullDate } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import shared from "~/parts/parts.module.css";
import { type Meaning, State } from "~/parts/State";
import { Row, Section } from "./parts";
import classes from "./Settings.module.css";
import { jobStates, nodeStates } from "./strings";

const nodeLights: Record<string, Meaning> = { up: "live", draining: "wait", lost: "bad" };

/** How the installation does. */
export function System() {
  const {
    data: s,
    error,
    refetch,
  } = useQuery({ queryKey: ["system"], queryFn: () => ok(api.GET("/api/v1/system")), refetchInterval: 10_000 });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!s) return <LateRows />;
  const since = fullDate(s.started);
  const given = s.jobs.filter((j) => j.state === "dead");
  return (
    <>
      <Section
        title={<Trans>Status</Trans>}
        about={
          <Trans>
            Frontdesk {s.version}, running since {since}
          </Trans>
        }
      >
        <ul className={classes.rows}>
          <Row title={<Trans>Database</Trans>} detail={s.database.message || s.database.kind}>
            <Light ok={s.database.ok} />
          </Row>
          <Row title={<Trans>Messages between nodes</Trans>} detail={s.bus.message || s.bus.kind}>
            <Light ok={s.bus.ok} />
          </Row>
          <Row
            title={<Trans>Work in the background</Trans>}
            detail={
              s.jobs.map((j) => `${j.kind}: ${j.count} ${word(jobStates, j.state)}`).join(" · ") || (
                <Trans>Nothing waits</Trans>
              )
            }
          >
            <Light ok={given.length === 0} />
          </Row>
          <Row title={<Trans>Open workplaces</Trans>}>
            <Text>{s.sockets}</Text>
          </Row>
        </ul>
      </Section>
      <Section title={<Trans>Listens on</Trans>}>
        <ul className={classes.rows}>
          {s.listeners.map((l) => (
            <Row key={l.name} title={l.name}>
              <code className={shared.code}>{l.address}</code>
            </Row>
          ))}
        </ul>
      </Section>
      <Section title={<Trans>Nodes</Trans>}>
        <ul className={classes.rows}>
          {s.nodes.map((n) => (
            <Row key={n.id} title={n.id} detail={n.address}>
              <State is={nodeLights[n.state] ?? "off"}>{word(nodeStates, n.state)}</State>
            </Row>
          ))}
        </ul>
      </Section>
    </>
  );
}

function Light({ ok: good }: { ok: boolean }) {
  return good ? (
    <State is="live">
      <Trans>Works</Trans>
    </State>
  ) : (
    <State is="bad">
      <Trans>Trouble</Trans>
    </State>
  );
}
