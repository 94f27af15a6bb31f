import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Page.module.css";

type Props = { title: ReactNode; tabs?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean };

/** The main area of a page: a head that stays and a body that scrolls; flush bodies do their own padding and scrolling. */
export function Page({ title, tabs, actions, children, flush }: Props) {
  return (
    <section className={classes.page}>
      <header className={classes.head}>
        <Title order={1} className={classes.title}>
          {title}
        </Title>
        {tabs}
        <Group gap="sm" ml="auto" wrap="nowrap" className={classes.actions}>
          {actions}
        </Group>
      </header>
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
