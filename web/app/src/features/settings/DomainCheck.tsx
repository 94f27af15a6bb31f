import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, CopyButton, Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { CopyText } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { DomainReports } from "./DomainReports";
import classes from "./Domains.module.css";
import { dnsProblems, dnsStates, keyStates, recordPurposes, stsModes } from "./dnsWords";
import { useDo } from "./parts";

type Schemas = components["schemas"];
type Domain = Schemas["MailDomain"];
type Check = Schemas["DomainCheck"];
type Finding = Schemas["DNSFinding"];
type Judged = { state: Finding["state"]; problem: string; detail: string };

/** What a domain needs in DNS beside what is there, asked as it opens. */
export function DomainCheck({ domain }: { domain: Domain }) {
  const path = { params: { path: { name: domain.name } } };
  const check = useQuery({
    queryKey: ["dns", domain.name],
    queryFn: async () => ok(api.GET("/api/v1/mail/domains/{name}/check", path)),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  const touched = [["mail-domains"], ["dns", domain.name]];
  const rotate = useDo(() => ok(api.POST("/api/v1/mail/domains/{name}/keys", path)), touched);
  const setSTS = useDo(
    (sts: Domain["sts"]) => ok(api.PATCH("/api/v1/mail/domains/{name}", { ...path, body: { sts } })),
    touched,
  );
  if (check.error) return <Failure error={check.error} retry={() => void check.refetch()} />;
  return (
    <div className={classes.check}>
      <Group gap="sm">
        <Button variant="default" loading={check.isFetching} onClick={() => void check.refetch()}>
          <Trans>Check again</Trans>
        </Button>
        <CopyButton value={check.data?.zone ?? ""}>
          {({ copied, copy }) => (
            <Button variant="default" disabled={!check.data} onClick={copy}>
              {copied ? <Trans>Copied</Trans> : <Trans>Copy the whole zone</Trans>}
            </Button>
          )}
        </CopyButton>
      </Group>
      {check.data ? <Found check={check.data} /> : <LateRows count={8} />}
      <DomainReports name={domain.name} />
      <Keys domain={domain} rotating={rotate.isPending} onRotate={() => rotate.mutate()} />
      <Strictness mode={domain.sts} onChange={(sts) => setSTS.mutate(sts)} />
    </div>
  );
}

function Found({ check }: { check: Check }) {
  const needed = check.findings.filter((f) => !f.optional);
  const good = check.findings.filter((f) => f.optional);
  return (
    <>
      <Reached check={check} />
      <Findings title={<Trans>Needed, or others distrust your mail</Trans>} list={needed} />
      <Findings title={<Trans>Good to have</Trans>} list={good} />
    </>
  );
}

/** Whether the world's mail reaches us, as far as it can be known, and who warns of us. */
function Reached({ check }: { check: Check }) {
  const { reach, listings, host } = check;
  return (
    <ul className={classes.reach}>
      <li>
        <State is={reach.state === "ok" ? "live" : reach.state === "wrong" ? "bad" : "wait"}>
          {reach.state === "ok" ? (
            <Trans>
              The world reaches {host} at port 25: {reach.peer} brought mail <When at={reach.last} />.
            </Trans>
          ) : (
            word(dnsProblems, reach.problem)
          )}
        </State>
        <Detail text={reach.detail} />
      </li>
      {listings.map((l) => (
        <li key={`${l.list} ${l.address}`}>
          <State is={meaning(l, true)}>
            {l.state === "ok" && (
              <Trans>
                {l.list} does not name {l.address}.
              </Trans>
            )}
            {l.state === "wrong" && (
              <Trans>
                {l.list} names {l.address} as a sender of junk: ask there to be taken out once the cause is mended.
              </Trans>
            )}
            {l.state === "unknown" && (
              <Trans>
                {l.list} does not answer this server: it may name us or not. A DNS resolver of your own helps.
              </Trans>
            )}
          </State>
          <Detail text={l.detail} />
        </li>
      ))}
    </ul>
  );
}

function Findings({ title, list }: { title: React.ReactNode; list: Finding[] }) {
  if (list.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <ul className={classes.findings}>
        {list.map((f) => (
          <FindingRow key={`${f.type} ${f.name} ${f.value}`} finding={f} />
        ))}
      </ul>
    </div>
  );
}

function FindingRow({ finding: f }: { finding: Finding }) {
  return (
    <li className={classes.finding}>
      <div className={classes.what}>
        <Badge>{f.type}</Badge>
        <State is={meaning(f, f.optional)}>{word(dnsStates, f.state)}</State>
      </div>
      <div className={classes.values}>
        <CopyText>{f.name}</CopyText>
        {f.value && <CopyText>{f.value}</CopyText>}
        {f.state !== "ok" && f.published.length > 0 && (
          <Text size="xs" className={classes.published}>
            <Trans>Published now: {f.published.join(" · ")}</Trans>
          </Text>
        )}
        <Text size="xs" c={f.problem ? undefined : "dimmed"}>
          {f.problem ? word(dnsProblems, f.problem) : word(recordPurposes, f.purpose)}
        </Text>
        <Detail text={f.detail} />
      </div>
    </li>
  );
}

function Detail({ text }: { text: string }) {
  if (!text) return null;
  return (
    <details className={classes.detail}>
      <summary>
        <Trans>Details</Trans>
      </summary>
      {text}
    </details>
  );
}

/** In what colour something is told; what nobody needs is not red while it is missing. */
function meaning({ state }: Judged, optional: boolean): Meaning {
  if (state === "ok") return "live";
  if (state === "weak") return "wait";
  if (state === "unknown" || (optional && state === "missing")) return "off";
  return "bad";
}

function Keys({ domain, rotating, onRotate }: { domain: Domain; rotating: boolean; onRotate: () => void }) {
  const waits = domain.keys.some((k) => k.state === "next");
  return (
    <div>
      <div className={classes.head}>
        <Text fw={600}>
          <Trans>Keys that sign your mail (DKIM)</Trans>
        </Text>
        <Button variant="default" loading={rotating} disabled={waits} onClick={onRotate}>
          <Trans>Make new keys</Trans>
        </Button>
      </div>
      <ul className={classes.keys}>
        {domain.keys.map((k) => (
          <li key={k.id}>
            <State is={k.state === "signs" ? "live" : k.state === "next" ? "wait" : "off"}>
              {k.selector} · {k.algorithm === "rsa" ? "RSA 2048" : "Ed25519"} · {word(keyStates, k.state)}
            </State>
          </li>
        ))}
      </ul>
      {waits && (
        <Text size="xs" c="dimmed">
          <Trans>Publish the new records above. Until DNS shows them, the keys before go on signing.</Trans>
        </Text>
      )}
    </div>
  );
}

function Strictness({ mode, onChange }: { mode: Domain["sts"]; onChange: (mode: Domain["sts"]) => void }) {
  const { t, i18n } = useLingui();
  return (
    <Select
      className={classes.sts}
      label={t`Mail comes encrypted to this server (MTA-STS)`}
      description={t`Begin with testing. The name mta-sts of the domain has to lead to this server by https, with a certificate of its own.`}
      data={Object.entries(stsModes).map(([value, label]) => ({ value, label: i18n._(label) }))}
      allowDeselect={false}
      value={mode}
      onChange={(value) => onChange(value as Domain["sts"])}
    />
  );
}
