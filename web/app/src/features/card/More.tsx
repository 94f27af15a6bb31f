import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowMerge, IconDots, IconTrash, IconUserCheck } from "@tabler/icons-react";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { type CardView, plural } from "~/api";
import { useMe } from "~/api/queries";
import { cards } from "~/app/card";
import { useDelete } from "~/features/crm/deleting";
import { soon } from "~/parts/soon";
import classes from "./RecordCard.module.css";

const Person = soon(() => import("~/features/crm/Person"));
const Merge = soon(() => import("~/features/crm/Merge"));

/** What is done seldom. */
export default function More({ view }: { view: CardView }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { ref } = view;
  const [open, setOpen] = useState<"merge" | "person">();
  const admin = useMe()?.role === "admin";
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
            <Menu.Item leftSection={<IconArrowMerge className={classes.icon} />} onClick={() => setOpen("merge")}>
              <Trans>Duplicate of…</Trans>
            </Menu.Item>
          )}
          {admin && (ref.kind === "contact" || ref.kind === "lead") && (
            <Menu.Item leftSection={<IconUserCheck className={classes.icon} />} onClick={() => setOpen("person")}>
              <Trans>This person's data…</Trans>
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
        {open === "merge" && ref.kind !== "deal" && (
          <Merge kind={ref.kind} ids={[ref.id]} onClose={() => setOpen(undefined)} />
        )}
        {open === "person" && <Person of={ref} onClose={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}
