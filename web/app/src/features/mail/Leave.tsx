import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { complain, say } from "~/app/notify";
import { type Message, unsubscribe } from "./queries";

/** The way out of the list that a mail came by. */
export function Leave({ message }: { message: Message }) {
  const leave = useMutation({
    mutationFn: () => unsubscribe(message.id),
    onSuccess: () => say(msg`You are unsubscribed. It may take the sender a few days.`),
    onError: complain,
  });
  if (message.list === "link")
    return (
      <Anchor size="xs" href={message.link} target="_blank" rel="noreferrer noopener">
        <Trans>Unsubscribe at the sender's page</Trans>
      </Anchor>
    );
  if (!message.list) return null;
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      loading={leave.isPending}
      disabled={leave.isSuccess}
      onClick={() => leave.mutate()}
    >
      {leave.isSuccess ? <Trans>Unsubscribed</Trans> : <Trans>Unsubscribe</Trans>}
    </Button>
  );
}
