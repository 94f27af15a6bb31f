import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import {
  IconArrowMerge,
  IconCheckbox,
  IconDots,
  IconMail,
  IconNote,
  IconPhone,
  IconTrash,
  IconUserCheck,
  IconVideo,
} from "@tabler/icons-react";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { type CardView, plural } from "~/api";
import { cards, useCard } from "~/app/card";
import { attempt, useDial } from "~/app/live";
import { useDelete } from "~/features/crm/deleting";
import { meetAbout } from "~/features/meetings/start";
import { soon } from "~/parts/soon";
import { NoteForm, TaskForm } from "./forms";
import classes from "./RecordCard.module.css";

const Composer = soon(() => import("~/features/mail/Composer"));
const ConvertLead = soon(() => import("~/features/crm/ConvertLead"));

const Merge = soon(() => import("~/features/crm/Merge"));

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
        <More view={view} />
      </Group>
      <Suspense>
        {write && address && <Composer start={{ to: [address] }} onDone={() => cards.write(false)} />}
        {view.lead && open === "convert" && <ConvertLead lead={view.lead} onClose={close} />}
      </Suspense>
      {open === "note" && <NoteForm entity={view.ref} onDone={close} />}
      {open === "task" && <TaskForm entity={view.ref} onDone={close} />}
    </section>
  );
}

/** What is done seldom. */
function More({ view }: { view: CardView }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { ref } = view;
  const [merging, setMerging] = useState(false);
  const own = useRouterState({ select: (s) => s.location.pathname === `/crm/${plural[ref.kind]}/${ref.id}` });
  const remove = useDelete(ref.kind, () => {
    cards.close();
    if (own) void navigate({ to: "/crm/$list", params: { list: plural[ref.kind] } });
  });
  return (
    <>
      <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t`More`} loading={remove.isPending}>
          <IconDots className={classes.icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {ref.kind !== "deal" && view.lead?.stage !== "converted" && (
          <Menu.Item
            leftSection={<IconArrowMerge className={classes.icon} />}
            onClick={() => setMerging(true)}
          >
            <Trans>Duplicate of…</Trans>
          </Menu.Item>
        )}
        <Menu.Item
          color="red"
          leftSection={<IconTrash className={classes.icon} />}
          onClick={() => remove.mutate({ id: ref.id, name: view.name })}
        >
          <Trans>Delete</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
      <Suspense>
        {merging && ref.kind !== "deal" && (
          <Merge kind={ref.kind} ids={[ref.id]} onClose={() => setMerging(false)} />
        )}
      </Suspense>
    </>
  );
}
