import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { ends, word } from "~/app/words";
import { phone } from "~/i18n/format";
import { UserSelect } from "~/parts/people";
import { useDo } from "./parts";
import classes from "./Settings.module.css";
import { useLines } from "./waysOut";

type Trial = components["schemas"]["OutTrial"];

/** Tries which way a call out would take: nothing is called. */
export function OutTrial() {
  const { t } = useLingui();
  const [number, setNumber] = useState("");
  const [user, setUser] = useState<string | null>(null);
  const [trial, setTrial] = useState<Trial>();
  const query = { number: number.trim(), user: user ?? undefined };
  const run = useDo(() => ok(api.GET("/api/v1/outbound/trial", { params: { query } })), [], setTrial);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (query.number) run.mutate();
  };
  return (
    <>
      <form onSubmit={submit}>
        <Group gap="sm" align="flex-end">
          <TextInput label={t`Number dialled`} value={number} onChange={(e) => setNumber(e.currentTarget.value)} />
          <UserSelect label={t`By whom`} clearable value={user} onChange={setUser} />
          <Button type="submit" variant="default" loading={run.isPending}>
            <Trans>Try</Trans>
          </Button>
        </Group>
      </form>
      {trial && <Way trial={trial} />}
    </>
  );
}

function Way({ trial: { to, route, steps } }: { trial: Trial }) {
  const lines = useLines();
  const number = phone(to);
  const name = (id: string | undefined) => lines.find((l) => l.id === id)?.name ?? "—";
  return (
    <div aria-live="polite">
      <Text>
        {route ? (
          <Trans>
            {number}: the route “{route}” decides
          </Trans>
        ) : (
          <Trans>{number}: no route decides</Trans>
        )}
      </Text>
      <ol className={classes.steps}>
        {steps.map((s) => {
          const line = name(s.trunk);
          const why = word(ends, s.cause ?? "");
          const dialled = s.number ?? "";
          const shown = s.caller_id ? phone(s.caller_id) : "—";
          return (
            <li key={`${s.kind} ${s.trunk}`}>
              {s.kind === "dial" ? (
                <Trans>
                  Dials {dialled} over {line}, shows {shown}
                </Trans>
              ) : s.kind === "refuse" ? (
                <Trans>The call is refused: {why}</Trans>
              ) : (
                <Trans>A call inside the house</Trans>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
