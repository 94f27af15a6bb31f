import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { type HuntGroup, huntGroupsKey, readHuntGroups } from "~/api/queries";
import { word } from "~/app/words";
import { DeleteButton } from "~/parts/deeds";
import { useNames } from "~/parts/people";
import { DestinationText } from "./Destination";
import { HuntGroupForm } from "./HuntGroupForm";
import { useLeading } from "./leading";
import { Row, Rows, Section, useDo } from "./parts";
import { strategies } from "./strings";

const fresh: HuntGroup = { id: "", name: "", strategy: "together", members: [], seconds: 20 };

/** People who are rung for all numbers that lead there. */
export function HuntGroups() {
  const [edited, setEdited] = useState<HuntGroup>();
  const leading = useLeading("hunt_group");
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/hunt-groups/{id}", { params: { path: { id } } })),
    [huntGroupsKey],
  );
  return (
    <Section
      title={<Trans>Hunt groups</Trans>}
      about={<Trans>Colleagues who are rung together or one after another. Several numbers can share a group.</Trans>}
      action={
        <Button onClick={() => setEdited(fresh)}>
          <Trans>Add a hunt group</Trans>
        </Button>
      }
    >
      <Rows<HuntGroup>
        queryKey={huntGroupsKey}
        read={readHuntGroups}
        none={<Trans>No group yet. Add one, such as Sales or Support, then lead a number to it under Edit.</Trans>}
        row={(g) => (
          <Row key={g.id} title={g.name} detail={<Detail g={g} leading={leading(g.id)} />}>
            <Button variant="default" data-open onClick={() => setEdited(g)}>
              <Trans>Edit</Trans>
            </Button>
            {leading(g.id).length === 0 && <DeleteButton onDelete={() => remove.mutate(g.id)} />}
          </Row>
        )}
      />
      {edited && <HuntGroupForm group={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function Detail({ g, leading }: { g: HuntGroup; leading: string[] }) {
  const { t } = useLingui();
  const who = useNames()(g.members);
  const from = leading.join(", ");
  return (
    <>
      {word(strategies, g.strategy)}: {who} · {t`${g.seconds} s`}
      {g.otherwise && (
        <div>
          <Trans>
            If nobody answers: <DestinationText to={g.otherwise} />
          </Trans>
        </div>
      )}
      <div>
        {from ? <Trans>For {from}</Trans> : <Trans>No number leads here yet: choose the group at one under Edit</Trans>}
      </div>
    </>
  );
}
