import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTrack } from "~/features/meetings/usePreview";
import { reroute, speaker, Tones } from "~/media/audio";
import { microphone } from "~/media/devices";
import { echo } from "~/media/echo";
import { DeviceSelects } from "~/parts/DeviceSelects";
import { Level } from "~/parts/Level";
import { State } from "~/parts/State";
import { attempt, live } from "./live";
import { explain } from "./notify";

const rings = 3000; // ms that the ringer is tried for

/** Microphone, loudspeaker and ringer of this browser, each with a way to try it. */
export default function SoundDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [version, setVersion] = useState(0);
  const mic = useTrack(true, microphone, version);
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Trans>Sound and devices</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="md">
        {mic.error !== undefined && (
          <Text c="var(--fd-bad)" role="alert">
            {explain(mic.error)}
          </Text>
        )}
        <Level track={mic.track} />
        <DeviceSelects
          kinds={["audioinput", "audiooutput", "ringer"]}
          ready={mic.track !== undefined}
          onChoose={(kind) => {
            setVersion((v) => v + 1);
            attempt(live.change(kind));
          }}
        />
        <Group gap="sm">
          <Echo track={mic.track} />
          <Ringer />
        </Group>
        <Notices />
      </Stack>
    </Modal>
  );
}

/** Lets one hear oneself, a moment later. */
function Echo({ track }: { track: MediaStreamTrack | undefined }) {
  const [stop, setStop] = useState<() => void>();
  useEffect(() => () => stop?.(), [stop]);
  useEffect(() => {
    if (!track) setStop(undefined);
  }, [track]);
  const begin = () => {
    const { stream, close } = echo(track!);
    const silence = speaker(stream, "echo");
    void reroute();
    setStop(() => () => {
      silence();
      close();
    });
  };
  return (
    <Button variant="default" disabled={!track} onClick={() => (stop ? setStop(undefined) : begin())}>
      {stop ? <Trans>Stop</Trans> : <Trans>Hear myself</Trans>}
    </Button>
  );
}

/** Rings for a moment. */
function Ringer() {
  const tones = useRef(new Tones());
  const [on, setOn] = useState(false);
  useEffect(() => {
    const bell = tones.current;
    if (!on) return;
    bell.play("ring");
    const timer = setTimeout(() => setOn(false), rings);
    return () => {
      clearTimeout(timer);
      bell.play(undefined);
    };
  }, [on]);
  return (
    <Button variant="default" disabled={on} onClick={() => setOn(true)}>
      <Trans>Try the ringer</Trans>
    </Button>
  );
}

/** Whether the system tells of calls while this window is hidden; the browser wants to be asked by a click. */
function Notices() {
  const [may, setMay] = useState(() => ("Notification" in window ? Notification.permission : "denied"));
  if (may === "granted")
    return (
      <State is="live">
        <Trans>Calls are told while this window is hidden</Trans>
      </State>
    );
  if (may === "denied")
    return (
      <Text c="dimmed">
        <Trans>
          This browser does not tell of calls while its window is hidden: allow notifications for this page.
        </Trans>
      </Text>
    );
  return (
    <Button variant="light" onClick={() => attempt(Notification.requestPermission().then(setMay))}>
      <Trans>Tell me of calls while this window is hidden</Trans>
    </Button>
  );
}
