import { Trans, useLingui } from "@lingui/react/macro";
import { Select, Stack, Switch, TextInput } from "@mantine/core";
import type { components } from "~/api/schema";
import classes from "./Settings.module.css";

type Input = components["schemas"]["TrunkInput"];

/** How a line wants to be spoken to: what few lines need to be changed. */
export function Manners({ values, set, here }: { values: Input; set: (change: Input) => void; here: boolean }) {
  const { t } = useLingui();
  return (
    <details className={classes.more}>
      <summary>
        <Trans>What the line's papers may ask for</Trans>
      </summary>
      <Stack gap="sm" mt="sm">
        {!here && (
          <TextInput
            label={t`Outbound proxy`}
            description={t`Name or address that everything goes to, where it is not the host`}
            value={values.proxy ?? ""}
            onChange={(e) => set({ proxy: e.currentTarget.value })}
          />
        )}
        <Select
          label={t`It reads who calls from`}
          allowDeselect={false}
          data={[
            { value: "pai", label: "From, P-Asserted-Identity" },
            { value: "rpid", label: "From, Remote-Party-ID" },
            { value: "from", label: "From" },
            { value: "account", label: t`P-Asserted-Identity; our user in From` },
          ]}
          value={values.shows || "pai"}
          onChange={(v) => set({ shows: v as Input["shows"] })}
        />
        <Select
          label={t`Its own calls say who calls in`}
          description={
            values.kind === "pbx"
              ? t`Anything but From only of a PBX that writes it itself: one that passes on what its phones write lets them call under any number`
              : t`A carrier writes P-Asserted-Identity itself. One that does not: From`
          }
          allowDeselect={false}
          data={[
            { value: "pai", label: t`P-Asserted-Identity, else From` },
            { value: "rpid", label: t`Remote-Party-ID, else From` },
            { value: "from", label: "From" },
          ]}
          value={values.believes || (values.kind === "pbx" ? "from" : "pai")}
          onChange={(v) => set({ believes: v as Input["believes"] })}
        />
        <Switch
          label={t`Its word on callers' numbers is believed`}
          description={t`STIR/SHAKEN: calls show whether the line has verified who calls`}
          checked={values.verifies ?? false}
          onChange={(e) => set({ verifies: e.currentTarget.checked })}
        />
        <Select
          label={t`Pressed keys reach it`}
          allowDeselect={false}
          data={[
            { value: "rtp", label: t`in the sound (RFC 4733)` },
            { value: "info", label: t`as messages (SIP INFO)` },
          ]}
          value={values.dtmf || "rtp"}
          onChange={(v) => set({ dtmf: v as Input["dtmf"] })}
        />
        {!values.register && (
          <Select
            label={t`It is asked whether it is there (OPTIONS)`}
            allowDeselect={false}
            data={[
              { value: "0", label: t`every 30 seconds` },
              { value: "120", label: t`every 2 minutes` },
              { value: "600", label: t`every 10 minutes` },
              { value: "-1", label: t`never` },
            ]}
            value={String(values.ping ?? 0)}
            onChange={(v) => set({ ping: Number(v) })}
          />
        )}
      </Stack>
    </details>
  );
}
