import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { useUserName } from "~/api/queries";
import type { components } from "~/api/schema";
import { State } from "~/parts/State";
import { useDo } from "./parts";
import classes from "./Settings.module.css";

type Run = components["schemas"]["DryRun"];

/** Tries the rules on a call or mail that might come. */
export function DryRun() {
  const { t } = useLingui();
  const [channel, setChannel] = useState<"call" | "mail">("call");
  const [from, setFrom] = useState("");
  const [line, setLine] = useState("");
  const [result, setResult] = useState<Run>();
  const run = useDo(
    () => ok(api.POST("/api/v1/rules/dry-run", { body: { channel, from, line: line || undefined } })),
    [],
    setResult,
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run.mutate();
  };
  return (
    <Stack gap="sm" component="section" aria-label={t`Dry run`}>
      <Text fw={500}>
        <Trans>Dry run: who would get it?</Trans>
      </Text>
      <form onSubmit={submit}>
        <Group gap="sm" align="flex-end">
          <SegmentedControl
            size="xs"
            aria-label={t`Channel`}
            value={channel}
            onChange={(v) => setChannel(v as "call" | "mail")}
            data={[
              { value: "call", label: t`Call` },
              { value: "mail", label: t`Mail` },
            ]}
          />
          <TextInput
            size="xs"
            label={channel === "call" ? t`From number` : t`From address`}
            value={from}
            onChange={(e) => setFrom(e.currentTarget.value)}
          />
          <TextInput
            size="xs"
            label={channel === "call" ? t`Number dialled` : t`Mailbox`}
            value={line}
            onChange={(e) => setLine(e.currentTarget.value)}
          />
          <Button type="submit" loading={run.isPending}>
            <Trans>Try</Trans>
          </Button>
        </Group>
      </form>
      {result && <Result run={result} />}
    </Stack>
  );
}

function Result({ run: { decision, trace } }: { run: Run }) {
  const who = useUserName(decision.user);
  return (
    <ul className={classes.rows} data-testid="dry-run">
      {trace.map((s) => (
        <li key={s.rule + s.name} className={classes.row}>
          <Text className={classes.rowText}>{s.name}</Text>
          <State is={s.matched ? "live" : "off"}>
            {s.why || (s.matched ? <Trans>fits</Trans> : <Trans>does not fit</Trans>)}
          </State>
        </li>
      ))}
      <li className={classes.row}>
        <Text fw={600}>
          {decision.create ? <Trans>A lead for {who || decision.department || "—"}</Trans> : <Trans>No lead</Trans>}
        </Text>
      </li>
    </ul>
  );
}
