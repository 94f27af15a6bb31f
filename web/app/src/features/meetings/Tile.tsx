import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconMicrophoneOff, IconPhone, IconPhoneOff } from "@tabler/icons-react";
import { attempt, live } from "~/app/live";
import type { RoomPerson } from "~/live/protocol";
import { Face } from "~/parts/people";
import classes from "./Tile.module.css";
import { VideoView } from "./VideoView";

type Props = { person: RoomPerson; stream?: MediaStream; speaking?: boolean; self?: boolean };

/** One person of a meeting: the picture, or initials while the camera is off; a handset for who came by phone. */
export function Tile({ person, stream, speaking, self }: Props) {
  const { t } = useLingui();
  const picture = person.camera && stream;
  const rings = person.state === "ringing";
  return (
    <div className={classes.tile} data-speaking={speaking} data-testid="tile" data-leg={person.leg}>
      {picture ? (
        <VideoView
          stream={picture}
          mirror={self}
          label={person.name}
          onHeight={self ? undefined : (height) => live.meeting.shown(person.leg, height)}
        />
      ) : person.kind === "browser" ? (
        <Face name={person.name} size="lg" />
      ) : (
        <IconPhone className={classes.phone} aria-label={t`By phone`} />
      )}
      {person.kind === "trunk" && (
        <Tooltip label={rings ? t`Cancel` : t`Hang up`}>
          <ActionIcon
            className={classes.remove}
            size="lg"
            radius="xl"
            variant="filled"
            color="dark"
            aria-label={rings ? t`Cancel the call to ${person.name}` : t`Hang up ${person.name}`}
            onClick={() => attempt(live.meeting.remove(person.call ?? person.leg))}
          >
            <IconPhoneOff className={classes.icon} />
          </ActionIcon>
        </Tooltip>
      )}
      <span className={classes.name}>
        {person.muted && <IconMicrophoneOff className={classes.icon} aria-label={t`Muted`} />}
        <span className={classes.text}>{person.name}</span>
        {rings && <Trans>rings…</Trans>}
      </span>
    </div>
  );
}
