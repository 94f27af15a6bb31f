import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { type RefObject, useRef, useState } from "react";
import type { Ref } from "~/api";
import { duration } from "~/i18n/format";
import classes from "./Player.module.css";
import { type Recording, recordingSound } from "./queries";
import { type Speakers, Transcript, Unwritten } from "./Transcript";

type RecordedProps = {
  of: Recording;
  speakers: Speakers;
  /** Whose task a proposed next step becomes. */
  entity?: Ref;
};

/** A recording that one may hear, and what was said. */
export function RecordingPlayer({ of: r, speakers, entity }: RecordedProps) {
  const seek = useRef<(seconds: number) => void>(() => {});
  return (
    <div>
      <Player of={r} src={recordingSound(r.id)} seeker={seek} />
      {!r.words && <Unwritten id={r.id} />}
      {r.words && <Transcript of={r} speakers={speakers} entity={entity} onSeek={(s) => seek.current(s)} />}
    </div>
  );
}

const speeds = [1, 1.5, 2, 0.75];

type Props = {
  of: Pick<Recording, "seconds" | "peaks">;
  src: string;
  onPlay?: () => void;
  testID?: string;
  /** Gets what plays from a place on. */
  seeker?: RefObject<(seconds: number) => void>;
};

/** What was said in a call, our side above, the other below; or what one caller said. */
export function Player({ of: r, src, onPlay, testID = "recording", seeker }: Props) {
  const { t } = useLingui();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [failed, setFailed] = useState(false);
  const play = () => void audio.current?.play().catch(() => setFailed(true));
  const toggle = () => {
    if (playing) audio.current?.pause();
    else play();
  };
  const seek = (seconds: number) => {
    setAt(seconds);
    if (audio.current) audio.current.currentTime = seconds;
  };
  if (seeker)
    seeker.current = (seconds) => {
      seek(seconds);
      play();
    };
  const faster = () => {
    const next = speeds[(speeds.indexOf(speed) + 1) % speeds.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  const label = playing ? t`Pause` : t`Play the recording`;
  const PlayIcon = playing ? IconPlayerPause : IconPlayerPlay;
  return (
    <div className={classes.player} data-testid={testID}>
      <audio
        ref={audio}
        preload="none"
        src={src}
        onPlay={() => {
          setPlaying(true);
          onPlay?.();
        }}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setFailed(true)}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)}
      />
      <Tooltip label={label}>
        <ActionIcon variant="default" size="md" aria-label={label} onClick={toggle}>
          <PlayIcon className={classes.icon} />
        </ActionIcon>
      </Tooltip>
      <div className={classes.wave}>
        <Sides peaks={r.peaks ?? []} played={r.seconds ? at / r.seconds : 0} />
        <input
          className={classes.seek}
          type="range"
          min={0}
          max={r.seconds}
          step={1}
          value={at}
          aria-label={t`Place in the recording`}
          aria-valuetext={duration(at)}
          onChange={(e) => seek(Number(e.currentTarget.value))}
        />
      </div>
      <Text span size="xs" c={failed ? "var(--fd-bad)" : "dimmed"} className={classes.time}>
        {failed ? t`Can't be played` : `${duration(Math.floor(at))} / ${duration(Math.round(r.seconds))}`}
      </Text>
      <Button variant="default" size="compact-xs" aria-label={t`Speed ${speed}`} onClick={faster}>
        {speed}×
      </Button>
    </div>
  );
}

const half = 50;

function Sides({ peaks, played }: { peaks: number[][] | null; played: number }) {
  const [ours = [], theirs = []] = peaks ?? [];
  const parts = Math.max(ours.length, 1);
  return (
    <svg className={classes.sides} viewBox={`0 0 ${parts} ${2 * half}`} preserveAspectRatio="none" aria-hidden="true">
      <path className={classes.ours} d={bars(ours, -1)} />
      <path className={classes.theirs} d={bars(theirs, 1)} />
      <rect className={classes.ahead} x={played * parts} y={0} width={parts} height={2 * half} />
    </svg>
  );
}

/** Bars from the middle up (-1) or down (1). The ear tells loudness by its logarithm, so quiet words are seen, too. */
function bars(peaks: number[], way: number): string {
  return peaks.map((p, x) => `M${x} ${half}h0.7v${((way * half * Math.log2(1 + p)) / 8).toFixed(1)}h-0.7z`).join("");
}
