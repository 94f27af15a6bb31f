import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Text, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, ok, type Ref } from "~/api";
import { attempt, stale } from "~/app/live";
import { Timer } from "~/app/Timer";
import { unset } from "~/i18n/format";
import { legOf, type MyCall } from "~/live/state";
import { State } from "~/parts/State";
import { Verified } from "~/parts/Verified";
import classes from "./RecordCard.module.css";

/** The call with a record, while it runs: its state, and a note that saves itself when one leaves it. */
export function CallTop({ call: { leg, view }, entity }: { call: MyCall; entity: Ref }) {
  const { t } = useLingui();
  const [note, setNote] = useState("");
  const saved = useRef("");
  const save = async () => {
    const body = note.trim();
    if (!body || body === saved.current) return;
    saved.current = body;
    await ok(api.POST("/api/v1/notes", { body: { entity, body } }));
    setNote("");
    stale("note");
  };
  const keep = useRef(save);
  keep.current = save;
  useEffect(() => () => attempt(keep.current()), []); // the call is over, or the card closed
  const mine = legOf(view, leg);
  const answered = view.state === "answered" && !unset(view.answered) && mine?.state !== "ringing"; // here: a colleague sends him
  const held = answered && mine?.held;
  return (
    <section className={`${classes.section} ${classes.call}`} data-testid="card-call">
      <Group justify="space-between">
        <State is={answered && !held ? "live" : "wait"}>
          {held ? <Trans>On hold</Trans> : answered ? <Trans>In the call</Trans> : <Trans>Ringing</Trans>}
        </State>
        <Text fw={600}>
          <Timer since={answered ? view.answered : view.started} />
        </Text>
      </Group>
      <Verified is={view.verified} />
      <Textarea
        aria-label={t`Note on the call`}
        placeholder={t`Note on the call. It saves itself.`}
        autosize
        minRows={2}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        onBlur={() => attempt(save())}
      />
    </section>
  );
}
