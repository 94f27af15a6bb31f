import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, Select, Stack } from "@mantine/core";
import type { components } from "~/api/schema";
import { type Destination, DestinationFields, DestinationText } from "./Destination";

type Doubts = components["schemas"]["Doubts"];
export type DoubtsInput = components["schemas"]["DoubtsInput"];

const turnedAway = { kind: "refuse", responsible: false, seconds: 25 } as Doubts["to"];

/** What goes to the server. */
export function doubtsInput(doubts: Doubts | undefined): DoubtsInput | undefined {
  if (!doubts) return undefined;
  const { responsible: _, then: __, ...to } = doubts.to;
  return { of: doubts.of, to: to as DoubtsInput["to"] };
}

type Props = { value: Doubts | undefined; onChange: (doubts: Doubts | undefined) => void };

/** Where calls go whose number the carrier does not vouch for. */
export function DoubtsFields({ value, onChange }: Props) {
  const { t } = useLingui();
  return (
    <>
      <Select
        label={t`Callers the line does not vouch for`}
        description={t`Of lines whose word on callers' numbers is believed (STIR/SHAKEN)`}
        allowDeselect={false}
        data={[
          { value: "", label: t`As all others` },
          { value: "failed", label: t`Elsewhere, when the number failed the check` },
          { value: "unverified", label: t`Elsewhere, when the number is not verified` },
        ]}
        value={value?.of ?? ""}
        onChange={(of) => onChange(of ? { of: of as Doubts["of"], to: value?.to ?? turnedAway } : undefined)}
      />
      {value && (
        <Fieldset legend={t`When in doubt`}>
          <Stack gap="md">
            <DestinationFields
              value={value.to as Destination}
              onChange={(change) => onChange({ ...value, to: { ...value.to, ...change } as Doubts["to"] })}
              withRefuse
              onward
            />
          </Stack>
        </Fieldset>
      )}
    </>
  );
}

/** The same in words; nothing where such calls are as all others. */
export function DoubtsText({ of: { doubts } }: { of: { doubts?: Doubts } }) {
  if (!doubts) return null;
  return (
    <div>
      <Trans>
        In doubt of the number: <DestinationText to={doubts.to} />
      </Trans>
    </div>
  );
}
