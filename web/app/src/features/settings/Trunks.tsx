import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { DeleteButton } from "~/parts/deeds";
import shared from "~/parts/parts.module.css";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { type Login, LoginDialog } from "./PBXLogin";
import { Row, Rows, Section, useDo } from "./parts";
import { troubles, trunkStates } from "./strings";
import { registersHere, TrunkForm } from "./TrunkForm";
import { Steps, TestCall } from "./TrunkTest";
import { troubleOf } from "./trouble";

type Trunk = components["schemas"]["Trunk"];
type Status = components["schemas"]["TrunkStatus"];

const key = ["trunks"];

/** Carriers and the company's own PBX, each with how its line does. */
export function Trunks() {
  const [edited, setEdited] = useState<Partial<Trunk>>();
  const [login, setLogin] = useState<Login>();
  return (
    <Section
      title={<Trans>Lines</Trans>}
      about={<Trans>A carrier brings rented numbers. A PBX you already have connects the same way.</Trans>}
      action={
        <Button onClick={() => setEdited({ kind: "carrier", transport: "udp", register: false, active: true })}>
          <Trans>Add a line</Trans>
        </Button>
      }
    >
      <Rows<Trunk>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/trunks"))).items}
        none={<Trans>No line yet. Add your carrier or your PBX; the test tells at once whether it works.</Trans>}
        row={(t) => (
          <TrunkRow
            key={t.id}
            trunk={t}
            onEdit={() => setEdited(t)}
            onLogin={() => setLogin({ username: t.in_username })}
          />
        )}
      />
      {edited && <TrunkForm trunk={edited} onClose={() => setEdited(undefined)} onLogin={setLogin} />}
      <LoginDialog login={login} onClose={() => setLogin(undefined)} />
    </Section>
  );
}

function TrunkRow({ trunk, onEdit, onLogin }: { trunk: Trunk; onEdit: () => void; onLogin: () => void }) {
  const path = { id: trunk.id };
  const stateKey = ["trunk-state", trunk.id];
  const status = useQuery({
    queryKey: stateKey,
    queryFn: () => ok(api.GET("/api/v1/trunks/{id}/status", { params: { path } })),
    refetchInterval: 15_000,
  });
  const test = useDo(() => ok(api.POST("/api/v1/trunks/{id}/test", { params: { path } })), [stateKey]);
  const remove = useDo(() => ok(api.DELETE("/api/v1/trunks/{id}", { params: { path } })), [key]);
  const [calling, setCalling] = useState(false);
  const here = registersHere(trunk);
  const where = here
    ? trunk.in_username
    : [trunk.host, trunk.transport.toUpperCase(), trunk.register && trunk.username].filter(Boolean).join(" · ");
  return (
    <Row
      title={
        <>
          {trunk.name} {trunk.kind === "pbx" && <Badge>PBX</Badge>}
        </>
      }
      detail={
        <>
          {where}
          {here && status.data?.registered && <Bound status={status.data} />}
          {status.data && !here && <Health status={status.data} />}
          {status.data?.problem && <Problem said={status.data.problem} bound={here && status.data.registered} />}
        </>
      }
    >
      <TrunkLight trunk={trunk} status={status.data} />
      <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        <Trans>Test</Trans>
      </Button>
      <Button variant="default" onClick={() => setCalling(true)}>
        <Trans>Test call</Trans>
      </Button>
      {here && (
        <Button variant="default" onClick={onLogin}>
          <Trans>What to enter there</Trans>
        </Button>
      )}
      <Button variant="default" data-open onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
      <DeleteButton onDelete={() => remove.mutate()} />
      {test.data && <Steps test={test.data} />}
      {calling && <TestCall trunk={trunk} onClose={() => setCalling(false)} />}
    </Row>
  );
}

/** Since when a PBX is registered here, and from where. */
function Bound({ status }: { status: Status }) {
  return (
    <div>
      <Trans>
        Registered since <When at={status.since} /> from <code>{status.from}</code>
      </Trans>
      {status.agent && ` · ${status.agent}`}
    </div>
  );
}

/** Since when a line works, how quickly it answers, and the calls that it carries. */
function Health({ status }: { status: Status }) {
  const took = Math.max(1, Math.round(status.took));
  return (
    <div>
      {status.reachable && (
        <>
          {status.registered ? (
            <Trans>
              Registered since <When at={status.since} />
            </Trans>
          ) : (
            <Trans>
              Reachable since <When at={status.since} />
            </Trans>
          )}
          {status.took > 0 && (
            <>
              {" · "}
              <Trans>answers in {took} ms</Trans>
            </>
          )}
          {" · "}
        </>
      )}
      <Plural value={status.calls} one="# call now" other="# calls now" />
    </div>
  );
}

/** What is wrong, in plain words; what was said on the wire, one click deeper. */
function Problem({ said, bound }: { said: string; bound: boolean }) {
  const { i18n } = useLingui();
  return (
    <details>
      <summary>{i18n._(troubles[bound ? "lost" : troubleOf(said)])}</summary>
      <code className={shared.code}>{said}</code>
    </details>
  );
}

function TrunkLight({ trunk, status }: { trunk: Trunk; status: Status | undefined }) {
  if (!trunk.active) return <State is="off">{word(trunkStates, "off")}</State>;
  if (!status) return <State is="off">…</State>;
  if (registersHere(trunk) && !status.registered) return <State is="wait">{word(trunkStates, "waiting")}</State>;
  if (status.problem) return <State is="bad">{word(trunkStates, status.reachable ? "refused" : "unreachable")}</State>;
  if (status.registered) return <State is="live">{word(trunkStates, "registered")}</State>;
  return status.reachable ? (
    <State is="live">{word(trunkStates, "reachable")}</State>
  ) : (
    <State is="wait">{word(trunkStates, "unknown")}</State>
  );
}
