import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconRecordMail, IconTrash } from "@tabler/icons-react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { complain } from "~/app/notify";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { PhoneLink } from "~/parts/links";
import { When } from "~/parts/When";
import { Player } from "./Player";
import classes from "./Player.module.css";
import { messagesKey, useBoxes, useMessages, type VoiceMessage } from "./queries";

/** What callers left in one's voicemail boxes, the newest first. */
export default function Messages() {
  const { data, isPending, error, refetch } = useMessages();
  const boxes = useBoxes();
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data.length)
    return (
      <Empty icon={<IconRecordMail />} title={<Trans>No voice messages</Trans>}>
        {boxes.length ? (
          <Trans>What callers say after the tone is heard here, and on a desk phone by *97.</Trans>
        ) : (
          <Trans>You have no voicemail box yet. An admin makes one in Settings, Telephony.</Trans>
        )}
      </Empty>
    );
  return (
    <Stack gap="md" p="md">
      {data.map((m) => (
        <One key={m.id} m={m} box={boxes.length > 1 ? boxes.find((b) => b.id === m.box)?.name : undefined} />
      ))}
    </Stack>
  );
}

function One({ m, box }: { m: VoiceMessage; box: string | undefined }) {
  const { t } = useLingui();
  const remove = () =>
    ok(api.DELETE("/api/v1/voicemail/{id}", { params: { path: { id: m.id } } }))
      .then(() => client.invalidateQueries({ queryKey: messagesKey }))
      .catch(complain);
  return (
    <div data-testid="voice-message">
      <Group gap="sm" wrap="nowrap">
        {!m.heard && <span className={classes.fresh} role="img" aria-label={t`New`} />}
        <Text span fw={m.heard ? 400 : 600} truncate>
          {m.name || (!m.from && t`Number withheld`)}
        </Text>
        {m.from && <PhoneLink number={m.from} />}
        {box && (
          <Text span size="xs" c="dimmed" truncate>
            {box}
          </Text>
        )}
        <Text span size="xs" c="dimmed" ml="auto">
          <When at={m.at} />
        </Text>
        <Tooltip label={t`Delete the message`}>
          <ActionIcon variant="subtle" color="gray" aria-label={t`Delete the message`} onClick={() => void remove()}>
            <IconTrash className={classes.icon} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <MessagePlayer m={m} />
    </div>
  );
}

/** One message; once it plays, nobody's count has it any more. */
export function MessagePlayer({ m }: { m: VoiceMessage }) {
  const heard = () => !m.heard && void client.invalidateQueries({ queryKey: messagesKey });
  return (
    <Player
      of={{ seconds: m.seconds, peaks: [m.peaks ?? [], m.peaks ?? []] }}
      src={`/api/v1/voicemail/${m.id}/sound`}
      onPlay={heard}
      testID="message"
    />
  );
}
