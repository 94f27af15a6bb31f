import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { IconCheckbox, IconMail, IconNote, IconPhone, IconUserCheck, IconVideo } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import type { CardView } from "~/api";
import { cards, useCard } from "~/app/card";
import { attempt, useDial } from "~/app/live";
import { meetAbout } from "~/features/meetings/start";
import { soon } from "~/parts/soon";
import classes from "./RecordCard.module.css";

const Composer = soon(() => import("~/features/mail/Composer"));
const ConvertLead = soon(() => import("~/features/crm/ConvertLead"));
const NoteForm = soon(async () => ({ default: (await import("./forms")).NoteForm }));
const TaskForm = soon(async () => ({ default: (await import("./forms")).TaskForm }));
const More = soon(() => import("./More"));

type Open = "note" | "task" | "convert" | undefined;

/** What can be done for this client, and the form of the deed. */
export function CardActions({ view }: { view: CardView }) {
  const { t } = useLingui();
  const dial = useDial();
  const navigate = useNavigate();
  const { write } = useCard();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  useEffect(() => {
    Composer.fetch();
    ConvertLead.fetch();
    More.fetch();
    NoteForm.fetch();
    TaskForm.fetch();
  }, []);
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
        <Suspense>
          <More view={view} />
        </Suspense>
      </Group>
      <Suspense>
        {write && address && <Composer start={{ to: [address] }} onDone={() => cards.write(false)} />}
        {view.lead && open === "convert" && <ConvertLead lead={view.lead} onClose={close} />}
        {open === "note" && <NoteForm entity={view.ref} onDone={close} />}
        {open === "task" && <TaskForm entity={view.ref} onDone={close} />}
      </Suspense>
    </section>
  );
}
