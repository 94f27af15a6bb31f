import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff } from "@tabler/icons-react";
import { useState } from "react";
import { Problem } from "~/api";
import { useMe } from "~/api/queries";
import { attempt, live, useLiveState } from "~/app/live";
import { explain } from "~/app/notify";
import { elsewhere } from "~/live/rooms";
import { DeviceSelects } from "~/parts/DeviceSelects";
import { Failure } from "~/parts/Empty";
import { Level } from "~/parts/Level";
import { Face } from "~/parts/people";
import { About } from "./About";
import { DialIn } from "./DialIn";
import { useInside } from "./inside";
import { Knock } from "./Knock";
import classes from "./PreJoin.module.css";
import { type Meeting, useMeeting } from "./queries";
import { useOwn } from "./usePreview";
import { VideoView } from "./VideoView";

/** Before coming in: how one looks and sounds, and who is there already. */
export function PreJoin({ room }: { room: string }) {
  const { t } = useLingui();
  const me = useMe();
  const [audio, setAudio] = useState(true);
  const [video, setVideo] = useState(true);
  const [version, setVersion] = useState(0);
  const own = useOwn(audio, video, version);
  const meeting = useMeeting(room, true);
  const [joining, setJoining] = useState(false);
  const there = elsewhere(useLiveState(), room);
  const enter = (come: () => Promise<void>) => {
    setJoining(true);
    own.release();
    attempt(come().finally(() => setJoining(false)));
  };
  const sending = { audio, video };
  const stranger = meeting.error instanceof Problem && meeting.error.status === 404;
  if (meeting.error && !stranger) return <Failure error={meeting.error} />;
  return (
    <div className={classes.page}>
      <Stack gap="lg" className={classes.box}>
        <div className={classes.preview}>
          {own.camera ? (
            <VideoView stream={own.camera} mirror label={t`Your camera`} />
          ) : (
            <Face name={me?.name ?? ""} size="lg" />
          )}
          <Group gap="sm" className={classes.tools}>
            <Toggle
              on={audio}
              onLabel={t`Microphone on`}
              offLabel={t`Microphone off`}
              onChange={setAudio}
              On={IconMicrophone}
              Off={IconMicrophoneOff}
            />
            <Toggle
              on={video}
              onLabel={t`Camera on`}
              offLabel={t`Camera off`}
              onChange={setVideo}
              On={IconVideo}
              Off={IconVideoOff}
            />
          </Group>
        </div>
        {own.error !== undefined && (
          <Text c="var(--fd-bad)" role="alert">
            {explain(own.error)}
          </Text>
        )}
        <Level track={own.microphone} />
        <Group gap="sm" grow align="flex-start">
          <DeviceSelects
            kinds={["audioinput", "videoinput", "audiooutput"]}
            ready={own.microphone !== undefined}
            onChoose={() => setVersion((v) => v + 1)}
          />
        </Group>
      </Stack>
      <Stack gap="md" className={classes.door}>
        {stranger && <Knock room={room} joining={joining} onAdmitted={() => enter(() => live.join(room, sending))} />}
        {!stranger && (
          <>
            <Title order={1}>{meeting.data?.title ?? " "}</Title>
            {meeting.data && <Inside meeting={meeting.data} />}
          </>
        )}
        <Text c="dimmed">
          <Trans>You come in as {me?.name}.</Trans>
        </Text>
        {there !== undefined && (
          <>
            <Text role="status">
              <Trans>You are in this meeting already, in another tab.</Trans>
            </Text>
            <Button size="md" loading={joining} onClick={() => enter(() => live.bring(room, there, sending))} autoFocus>
              <Trans>Go on here</Trans>
            </Button>
            <Button variant="default" loading={joining} onClick={() => enter(() => live.join(room, sending, true))}>
              <Trans>Come in a second time</Trans>
            </Button>
          </>
        )}
        {there === undefined && !stranger && (
          <Button size="md" loading={joining} onClick={() => enter(() => live.join(room, sending))} autoFocus>
            <Trans>Join</Trans>
          </Button>
        )}
        {!stranger && (
          <>
            <DialIn room={room} />
            <About room={room} />
          </>
        )}
      </Stack>
    </div>
  );
}

type ToggleProps = {
  on: boolean;
  onLabel: string;
  offLabel: string;
  onChange: (on: boolean) => void;
  On: typeof IconVideo;
  Off: typeof IconVideo;
};

function Toggle({ on, onLabel, offLabel, onChange, On, Off }: ToggleProps) {
  const Icon = on ? On : Off;
  return (
    <ActionIcon
      size="xl"
      radius="xl"
      variant="filled"
      color={on ? "dark" : "red"}
      aria-label={on ? onLabel : offLabel}
      aria-pressed={on}
      onClick={() => onChange(!on)}
    >
      <Icon className={classes.icon} />
    </ActionIcon>
  );
}

function Inside({ meeting }: { meeting: Meeting }) {
  const { count, names } = useInside(meeting);
  if (!count)
    return (
      <Text c="dimmed">
        <Trans>Nobody is inside yet.</Trans>
      </Text>
    );
  return (
    <Text>
      <Trans>Inside: {names}</Trans>
    </Text>
  );
}
