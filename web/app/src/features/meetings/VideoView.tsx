import { useEffect, useRef } from "react";
import classes from "./VideoView.module.css";

type Props = {
  stream: MediaStream;
  mirror?: boolean | undefined;
  label: string;
  onHeight?: ((height: number | undefined) => void) | undefined; // in CSS pixels, when it changes; undefined when it is shown no more
};

/** A picture without sound; sound has elements of its own. */
export function VideoView({ stream, mirror, label, onHeight }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const told = useRef(onHeight);
  told.current = onHeight;
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => told.current?.(entry?.contentRect.height));
    observer.observe(video.current!);
    return () => {
      observer.disconnect();
      told.current?.(undefined);
    };
  }, []);
  return (
    <video ref={video} className={classes.video} data-mirror={mirror} aria-label={label} autoPlay playsInline muted />
  );
}
