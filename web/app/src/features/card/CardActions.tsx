import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { IconCheckbox, IconMail, IconNote, IconPhone, IconUserCheck, IconVideo } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { CardView } from "~/api";
import { cards, useCard } from "~/app/card";
import { attempt, useDial } from "~/app/live";
import { ConvertLead } from "~/features/crm/ConvertLead";
import { Composer } from "~/features/mail/Composer";
import { meetAbout } from "~/features/meetings/start";
import { NoteForm, TaskForm } from "./forms";
import classes from "./RecordCard.module.css";

type Open = "note" | "task" | "convert" | undefined;

/** What can be done for this client, and the form of the deed. */
export function CardActions({ view }: { view: CardView }) {
  const { t } = useLingui();
  const dial = useDial();
  const navigate = useNavigate();
  const { write } = useCard();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const number = view.points.find((p) => p.kind === "phone")?.value;
  const address = view.points.find((p) => p.kind === "email")?.value;
  return (
    <section className={classes.section} aria-label={t`Actions`}>
      <Group gap="xs">
        {number && (
          <Button leftSection={<IconPhone className={classes.icon} />} onClick={() => dial(number)}>
            <Trans context="verb">Call</Trans>
          </Button>
        )}
        {address && (
          <Button
            variant="default"
            leftSection={<IconMail className={classes.icon} />}
            onClick={() => cards.write(!write)}
          >
            <Trans context="verb">Mail</Trans>
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconVideo className={classes.icon} />}
          onClick={() => attempt(meetAbout(view.ref, view.name, navigate))}
        >
          <Trans context="verb">Meet</Trans>
        </Button>
        <Button variant="default" leftSection={<IconNote className={classes.icon} />} onClick={() => setOpen("note")}>
          <Trans>Note</Trans>
        </Button>
        <Button
          variant="default"
          leftSection={<IconCheckbox className={classes.icon} />}
          onClick={() => setOpen("task")}
        >
          <Trans>Task</Trans>
        </Button>
        {view.lead && view.lead.stage !== "converted" && (
          <Button
            variant="default"
            leftSection={<IconUserCheck className={classes.icon} />}
            onClick={() => setOpen("convert")}
          >
            <Trans>Convert</Trans>
          </Button>
        )}
      </Group>
      {write && address && <Composer start={{ to: [address] }} onDone={() => cards.write(false)} />}
      {open === "note" && <NoteForm entity={view.ref} onDone={close} />}
      {open === "task" && <TaskForm entity={view.ref} onDone={close} />}
      {view.lead && <ConvertLead lead={view.lead} opened={open === "convert"} onClose={close} />}
    </section>
  );
}
