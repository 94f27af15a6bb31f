import { useCallback, useEffect, useRef, useState } from "react";
import { camera, microphone } from "~/media/devices";

type Own = { camera?: MediaStream; microphone?: MediaStreamTrack; error?: unknown };

/** One's own camera and microphone while choosing them; opened anew when version changes, closed on leaving. */
export function useOwn(audio: boolean, video: boolean, version: number): Own & { release: () => void } {
  const mic = useTrack(audio, microphone, version);
  const cam = useTrack(video, camera, version);
  const release = useCallback(() => {
    mic.release();
    cam.release();
  }, [mic.release, cam.release]);
  const stream = useRef<{ of?: MediaStreamTrack; stream?: MediaStream }>({});
  if (stream.current.of !== cam.track)
    stream.current = { of: cam.track, stream: cam.track && new MediaStream([cam.track]) };
  return { camera: stream.current.stream, microphone: mic.track, error: mic.error ?? cam.error, release };
}

/** An open device; opened anew when version changes, closed on leaving. */
export function useTrack(on: boolean, open: () => Promise<MediaStreamTrack>, version: number) {
  const [state, setState] = useState<{ track?: MediaStreamTrack; error?: unknown }>({});
  const track = useRef<MediaStreamTrack>(undefined);
  const release = useCallback(() => {
    track.current?.stop();
    track.current = undefined;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version opens the device anew
  useEffect(() => {
    let gone = false;
    if (!on) return setState({});
    open().then(
      (t) => {
        if (gone) return t.stop();
        track.current = t;
        setState({ track: t });
      },
      (error) => !gone && setState({ error }),
    );
    return () => {
      gone = true;
      release();
    };
  }, [on, open, release, version]);
  return { ...state, release };
}
