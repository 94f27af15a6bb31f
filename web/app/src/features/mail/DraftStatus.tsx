import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { explain } from "~/app/notify";
import { useStore } from "~/live/store";
import classes from "./Composer.module.css";
import type { Keeper } from "./keeper";

type Props = { keeper: Keeper; onReread: (id: string) => void; onDone: () => void };

/** Whether what is written is safe; where somebody else wrote on the same draft, the choice. */
export function DraftStatus({ keeper, onReread, onDone }: Props) {
  const { status, error, id } = useStore(keeper.state, (s) => s);
  if (status === "changed" || status === "gone")
    return (
      <Group gap="sm" className={classes.clash} role="alert">
        <Text size="xs">
          {status === "changed" ? (
            <Trans>This draft was changed in another place meanwhile.</Trans>
          ) : (
            <Trans>This draft was sent or deleted in another place meanwhile.</Trans>
          )}
        </Text>
        <Button size="xs" variant="default" onClick={() => keeper.keepMine()}>
          <Trans>Keep mine as a draft of its own</Trans>
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            keeper.close();
            if (status === "gone") onDone();
            else onReread(id);
          }}
        >
          {status === "changed" ? <Trans>Take the other</Trans> : <Trans>Drop mine</Trans>}
        </Button>
      </Group>
    );
  return (
    <Text size="xs" c={status === "failed" ? undefined : "dimmed"} className={classes.status} data-status={status}>
      {status === "saving" && <Trans>Saving…</Trans>}
      {status === "saved" && <Trans>Saved in Drafts</Trans>}
      {status === "failed" && <Trans>Not saved: {explain(error)}</Trans>}
    </Text>
  );
}
