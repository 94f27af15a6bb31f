import { Trans, useLingui } from "@lingui/react/macro";
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { causes, word } from "~/app/words";
import { FormDialog } from "~/parts/FormDialog";
import shared from "~/parts/parts.module.css";
import { State } from "~/parts/State";
import { useSave } from "./parts";
import classes from "./Settings.module.css";
import { trunkFaults, trunkSteps } from "./strings";

type Test = components["schemas"]["TrunkTest"];

/** Calls a number through a line, and tells how far it came. */
export function TestCall({ trunk, onClose }: { trunk: { id: string; name: string }; onClose: () => void }) {
  const { t } = useLingui();
  const [to, setTo] = useState("");
  const call = useSave(
    () => ok(api.POST("/api/v1/trunks/{id}/call", { params: { path: { id: trunk.id } }, body: { to } })),
    [["trunk-state", trunk.id]],
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={<Trans>Test call over {trunk.name}</Trans>}
      onSave={() => call.mutate()}
      saving={call}
      save={<Trans>Call now</Trans>}
    >
      <TextInput
        label={t`Number`}
        description={t`Such as your mobile: answer it, and you hear music. It rings for half a minute at most.`}
        type="tel"
        required
        data-autofocus
        value={to}
        onChange={(e) => setTo(e.currentTarget.value)}
      />
      {call.isPending && (
        <Text c="dimmed" role="status">
          <Trans>Calling…</Trans>
        </Text>
      )}
      {call.data && <Steps test={call.data} />}
    </FormDialog>
  );
}

/** What the test did, step by step; what the other side said, one click deeper. */
export function Steps({ test }: { test: Test }) {
  return (
    <ul className={classes.steps} aria-live="polite">
      {test.steps.map((step) => (
        <li key={step.kind}>
          <State is={step.ok ? "live" : "bad"}>{inWords(step)}</State>
          {step.told && step.kind !== "allowed" && (
            <details className={classes.more}>
              <summary>
                <Trans>What it said</Trans>
              </summary>
              <code className={shared.code}>{word(causes, step.told)}</code>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What a step came to. Why a call was not begun is our own word, and not the other side's. */
function inWords({ kind, ok, told }: Test["steps"][number]): string {
  if (ok) return word(trunkSteps, kind);
  return kind === "allowed" ? word(causes, told) : word(trunkFaults, kind);
}
