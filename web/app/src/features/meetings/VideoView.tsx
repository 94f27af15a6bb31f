import { useEffect, useRef } from "react";
import classes from "./VideoView.module.css";

/** A picture without sound; sound has elements of its own. */
export function VideoView({ stream, mirror, label }: { stream: MediaStream; mirror?: boolean; label: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  return (
    <video ref={video} className={classes.video} data-mirror={mirror} aria-label={label} autoPlay playsInline muted />
  );
}
