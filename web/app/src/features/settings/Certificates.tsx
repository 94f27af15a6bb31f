import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { word } from "~/app/words";
import { fullDate } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { type Meaning, State } from "~/parts/State";
import { When } from "~/parts/When";
import { certificateStates, certificateTroubles } from "./dnsWords";
import { Row, Section, useDo } from "./parts";
import classes from "./Settings.module.css";

type Certificate = components["schemas"]["Certificate"];

const key = ["certificates"];

const lights: Record<string, Meaning> = { valid: "live", waiting: "wait", failing: "wait", ended: "bad" };

/** What the company's names are proven by, and what keeps a certificate from coming. */
export function Certificates() {
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => ok(api.GET("/api/v1/certificates")),
    refetchInterval: 30_000,
  });
  return (
    <Section
      title={<Trans>Certificates</Trans>}
      about={<Trans>For the workplace, mail programs and phones; ordered, and renewed in time.</Trans>}
    >
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      {data && (
        <ul className={classes.rows}>
          {data.items.map((c) => (
            <Line key={c.name} certificate={c} />
          ))}
          {!data.ordered && (
            <li className={classes.none}>
              <Trans>
                Not ordered: the one of the server's files is shown. To have them ordered, set tls.acme.directory in the
                configuration.
              </Trans>
            </li>
          )}
        </ul>
      )}
    </Section>
  );
}

function Line({ certificate: c }: { certificate: Certificate }) {
  const again = useDo(
    () => ok(api.POST("/api/v1/certificates/{name}/order", { params: { path: { name: c.name } } })),
    [key],
  );
  return (
    <Row title={c.name} detail={<Detail certificate={c} />}>
      <State is={c.trouble && c.state === "waiting" ? "bad" : (lights[c.state] ?? "off")}>
        {word(certificateStates, c.state)}
      </State>
      {c.trouble && (
        <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </Row>
  );
}

function Detail({ certificate: c }: { certificate: Certificate }) {
  const ends = c.ends && fullDate(c.ends);
  return (
    <>
      {ends && (
        <div>
          <Trans>until {ends}</Trans>
        </div>
      )}
      {c.trouble && (
        <details>
          <summary>
            <Text span size="xs">
              {word(certificateTroubles, c.trouble in certificateTroubles ? c.trouble : "other")}
            </Text>
            {c.next && (
              <>
                {" "}
                <Trans>Tried again:</Trans> <When at={c.next} />
              </>
            )}
          </summary>
          {c.detail}
        </details>
      )}
    </>
  );
}
