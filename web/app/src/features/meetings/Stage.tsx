import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Popover, Stack, Tooltip } from "@mantine/core";
import {
  IconAddressBook,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconSettings,
  IconUsers,
  IconVideo,
  IconVideoOff,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useMe, useUsers } from "~/api/queries";
import { cards } from "~/app/card";
import { attempt, live, useLiveState } from "~/app/live";
import { phone } from "~/i18n/format";
import type { RoomPerson } from "~/live/protocol";
import type { Stage as StageState } from "~/media/meeting";
import { DeviceSelects } from "~/parts/DeviceSelects";
import { layout } from "~/theme";
import { refOf } from "./About";
import { PeoplePane } from "./PeoplePane";
import { useMeeting } from "./queries";
import classes from "./Stage.module.css";
import { Tile } from "./Tile";

/** The inside of a meeting. */
export function Stage({ stage }: { stage: StageState }) {
  const { t } = useLingui();
  const me = useMe();
  const room = useLiveState().rooms[stage.room];
  const [people, setPeople] = useState(() => window.innerWidth > layout.peopleBeside);
  const users = useUsers();
  const named = (p: RoomPerson) => ({
    ...p,
    name: users.find((u) => u.id === p.user)?.name || phone(p.name || p.number) || t`Number withheld`,
  });
  const everybody = (room?.people ?? []).filter((p) => p.leg !== stage.leg).map(named);
  const others = everybody.filter((p) => p.state !== "failed");
  const self: RoomPerson = {
    leg: stage.leg,
    user: me?.id ?? "",
    number: "",
    name: t`You`,
    muted: stage.muted,
    camera: stage.camera,
    kind: "browser",
    state: "active",
  };
  return (
    <section
      className={classes.stage}
      data-mantine-color-scheme="dark"
      aria-label={room?.title ?? t`Meeting`}
      data-testid="stage"
    >
      <header className={classes.head}>
        <span className={classes.title}>{room?.title}</span>
        <Cards room={stage.room} />
        <Connection stage={stage} />
      </header>
      <div className={classes.tiles} data-count={others.length + 1}>
        {others.map((p) => (
          <Tile
            key={p.call ?? p.leg}
            person={p}
            stream={stage.feeds.find((f) => f.leg === p.leg)?.video}
            speaking={stage.speaking === p.leg}
          />
        ))}
        <Tile person={self} stream={stage.preview} self />
        {others.length === 0 && !stage.away && (
          <p className={classes.alone}>
            <Trans>You are the only one here. Invite a colleague.</Trans>
          </p>
        )}
      </div>
      <footer className={classes.tools}>
        <StageTool
          label={stage.muted ? t`Unmute` : t`Mute`}
          off={stage.muted}
          onClick={() => attempt(live.meeting.mute(!stage.muted))}
        >
          {stage.muted ? <IconMicrophoneOff className={classes.icon} /> : <IconMicrophone className={classes.icon} />}
        </StageTool>
        <StageTool
          label={stage.camera ? t`Turn the camera off` : t`Turn the camera on`}
          off={!stage.camera}
          onClick={() => attempt(live.meeting.film(!stage.camera))}
        >
          {stage.camera ? <IconVideo className={classes.icon} /> : <IconVideoOff className={classes.icon} />}
        </StageTool>
        <Devices />
        <StageTool label={t`People`} onClick={() => setPeople(!people)}>
          <IconUsers className={classes.icon} />
        </StageTool>
        <StageTool label={t`Leave`} off onClick={() => attempt(live.meeting.leave())}>
          <IconPhoneOff className={classes.icon} />
        </StageTool>
      </footer>
      {people && <PeoplePane room={stage.room} people={[self, ...everybody]} onClose={() => setPeople(false)} />}
    </section>
  );
}

/** Changes the devices while the meeting goes on. */
function Devices() {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="top" trapFocus returnFocus opened={opened} onChange={setOpened} withRoles>
      <Popover.Target>
        <StageTool label={t`Microphone, camera and loudspeaker`} quiet={opened} onClick={() => setOpened(!opened)}>
          <IconSettings className={classes.icon} />
        </StageTool>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" className={classes.devices}>
          <DeviceSelects
            kinds={["audioinput", "videoinput", "audiooutput"]}
            ready
            onChoose={(kind) => attempt(live.change(kind))}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What to know of the connection when it is not as it should be: it is being mended. */
function Connection({ stage }: { stage: StageState }) {
  if (!stage.away && stage.connection !== "disconnected" && stage.connection !== "failed") return null;
  return (
    <span role="status">
      <Trans>Reconnecting…</Trans>
    </span>
  );
}

/** The cards of what it is about, to be opened beside the stage. */
function Cards({ room }: { room: string }) {
  const about = useMeeting(room).data?.about ?? [];
  return about.map((a) => (
    <Button
      key={a.id}
      variant="default"
      className={classes.card}
      leftSection={<IconAddressBook className={classes.small} />}
      onClick={() => cards.show(refOf(a))}
    >
      <Trans>Card: {a.name}</Trans>
    </Button>
  ));
}

type ToolProps = {
  label: string;
  off?: boolean;
  quiet?: boolean; // what it opened stands where its name would
  onClick: () => void;
  children: ReactNode;
};

/** What else it gets comes from a popover that it opens. */
function StageTool({ label, off, quiet, children, ...others }: ToolProps) {
  return (
    <Tooltip label={label} disabled={quiet}>
      <ActionIcon size="xl" radius="xl" variant="filled" color={off ? "red" : "dark"} aria-label={label} {...others}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
