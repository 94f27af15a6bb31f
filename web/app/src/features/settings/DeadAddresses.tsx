import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { Row, Rows, Section, useDo } from "./parts";

type Dead = components["schemas"]["DeadAddress"];

const key = ["mail-dead"];

/** Addresses that don't exist, as their servers said, and the way back. */
export function DeadAddresses() {
  const release = useDo(
    (address: string) => ok(api.DELETE("/api/v1/mail/dead/{address}", { params: { path: { address } } })),
    [key],
  );
  return (
    <Section
      title={<Trans>Addresses that don't exist</Trans>}
      about={
        <Trans>
          Their servers said so. Mail to them comes back at once, as writing again and again costs your good name.
        </Trans>
      }
    >
      <Rows<Dead>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/mail/dead"))).items}
        none={
          <State is="live">
            <Trans>All addresses that you wrote to took your mail.</Trans>
          </State>
        }
        row={(d) => (
          <Row
            key={d.address}
            title={d.address}
            detail={
              <>
                <When at={d.at} /> · {d.answer || d.status}
              </>
            }
          >
            <Button variant="default" loading={release.isPending} onClick={() => release.mutate(d.address)}>
              <Trans>Try again</Trans>
            </Button>
          </Row>
        )}
      />
    </Section>
  );
}
