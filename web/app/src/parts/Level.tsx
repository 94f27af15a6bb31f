import { useLingui } from "@lingui/react/macro";
import { Progress } from "@mantine/core";
import { useEffect, useState } from "react";
import { meter } from "~/media/audio";

/** How loud a microphone is. */
export function Level({ track }: { track: MediaStreamTrack | undefined }) {
  const { t } = useLingui();
  const level = useLevel(track);
  return <Progress value={level * 100} aria-label={t`Microphone level`} color="green" transitionDuration={60} />;
}

/** How loud the microphone is, 0 to 1. */
function useLevel(track: MediaStreamTrack | undefined): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track) return setLevel(0);
    const m = meter(track);
    const timer = setInterval(() => setLevel(m.level()), 80);
    return () => {
      clearInterval(timer);
      m.close();
    };
  }, [track]);
  return level;
}
