import { Trans } from "@lingui/react/macro";
import { Button, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { explain } from "~/app/notify";
import classes from "./Empty.module.css";

/** What a place is for while nothing is in it, and the first step. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <Stack align="center" gap="sm" className={classes.empty}>
      {icon && <span className={classes.icon}>{icon}</span>}
      <Text fw={600} size="md">
        {title}
      </Text>
      {children && (
        <Text c="dimmed" size="sm" ta="center" className={classes.text}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

/** What went wrong and the way to try again. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <Empty
      title={<Trans>That did not work</Trans>}
      action={
        retry && (
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
        )
      }
    >
      {explain(error)}
    </Empty>
  );
}
