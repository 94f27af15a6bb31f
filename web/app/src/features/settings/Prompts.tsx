import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { duration } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { HoldMusic } from "./HoldMusic";
import { type Prompt, promptsKey, readPrompts } from "./machines";
import { PromptForm } from "./PromptForm";
import { Row, Rows, Section, useDo } from "./parts";
import classes from "./Settings.module.css";

/** What machines say to callers. */
export function Prompts() {
  const [adding, setAdding] = useState(false);
  const remove = useDo(
    (id: string) => ok(api.DELETE("/api/v1/prompts/{id}", { params: { path: { id } } })),
    [promptsKey],
  );
  return (
    <Section
      title={<Trans>Prompts</Trans>}
      about={<Trans>What callers hear from voice menus, announcements and voicemail, and while they wait.</Trans>}
      action={
        <Button onClick={() => setAdding(true)}>
          <Trans>Add a prompt</Trans>
        </Button>
      }
    >
      <HoldMusic />
      <Rows<Prompt>
        queryKey={promptsKey}
        read={async () => (await readPrompts()).items}
        none={<Trans>No prompt yet. Record one here or upload a file; then a voice menu can say it.</Trans>}
        row={(p) => (
          <Row key={p.id} title={p.name} detail={<Detail of={p} />}>
            <audio className={classes.sound} controls preload="none" src={`/api/v1/prompts/${p.id}/sound`} />
            {p.used_by.length === 0 && !p.music && <DeleteButton onDelete={() => remove.mutate(p.id)} />}
          </Row>
        )}
      />
      {adding && <PromptForm onClose={() => setAdding(false)} />}
    </Section>
  );
}

function Detail({ of: { seconds, text, used_by, music } }: { of: Prompt }) {
  const users = used_by.join(", ");
  return (
    <>
      {duration(Math.round(seconds))}
      {text && ` · “${text}”`}
      {music && (
        <div>
          <Trans>Hold music</Trans>
        </div>
      )}
      {users && (
        <div>
          <Trans>Said by {users}</Trans>
        </div>
      )}
      {!users && !music && (
        <div>
          <Trans>Nothing says it yet</Trans>
        </div>
      )}
    </>
  );
}
