import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { tlsFailures } from "./dnsWords";
import { Row } from "./parts";
import classes from "./Settings.module.css";

type Line = components["schemas"]["DomainReportLine"];

/** What other servers reported of a domain in the last 30 days: who sent mail in its name, and who could not reach us by TLS. */
export function DomainReports({ name }: { name: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["domain-reports", name],
    queryFn: () => ok(api.GET("/api/v1/mail/domains/{name}/reports", { params: { path: { name } } })),
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={2} />;
  const reporters = [...new Set(data.reports.map((r) => r.reporter))].join(", ");
  return (
    <div>
      <Text fw={600}>
        <Trans>What other servers reported in 30 days</Trans>
      </Text>
      <Text c="dimmed" size="xs">
        {reporters || (
          <Trans>
            Nothing so far. Large providers report once a day to the addresses in the DMARC and TLSRPT records.
          </Trans>
        )}
      </Text>
      <ul className={classes.rows}>
        {data.dmarc.map((line) => (
          <Sender key={`${line.source} ${line.why}`} line={line} />
        ))}
        {data.tls.map((line) => (
          <Row
            key={`tls ${line.source} ${line.why}`}
            title={line.source}
            detail={<Trans>Could not reach you by TLS: {word(tlsFailures, line.why)}</Trans>}
          >
            <State is="bad">{line.failed}</State>
          </Row>
        ))}
      </ul>
    </div>
  );
}

function Sender({ line: { source, passed, failed } }: { line: Line }) {
  return (
    <Row title={source} detail={<Trans>Sent mail in the domain's name</Trans>}>
      {failed > 0 ? (
        <State is="bad">
          <Trans>{failed} not proven: forged, or a server that SPF does not name</Trans>
        </State>
      ) : (
        <State is="live">
          <Trans>{passed} proven</Trans>
        </State>
      )}
    </Row>
  );
}
