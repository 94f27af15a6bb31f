import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Menu } from "@mantine/core";
import { IconSettings, IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { complain } from "~/app/notify";
import classes from "./Composer.module.css";
import type { Words } from "./keeper";
import { fillTemplate, useTemplates } from "./kit";

type Props = { words: Words; onTake: (filled: { subject: string; html: string }) => void; onKeep: () => void };

/** Puts a template into the mail, or opens what templates and signatures are kept in. */
export function TemplateMenu({ words, onTake, onKeep }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const { data: templates = [] } = useTemplates(open);
  const take = (id: string) => void fillTemplate(id, words).then(onTake, complain);
  return (
    <Menu opened={open} onChange={setOpen} position="top-start">
      <Menu.Target>
        <ActionIcon size="lg" variant="subtle" color="gray" aria-label={t`Templates`} title={t`Templates`}>
          <IconTemplate className={classes.icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {templates.map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => take(id)}>
            {name}
          </Menu.Item>
        ))}
        {templates.length > 0 && <Menu.Divider />}
        <Menu.Item leftSection={<IconSettings className={classes.icon} />} onClick={onKeep}>
          <Trans>Templates and signatures…</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
