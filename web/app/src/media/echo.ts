const later = 1; // s until one hears oneself: at once it would howl, and sound right without a loudspeaker

/** What a microphone takes, a second later. close() when done. */
export function echo(track: MediaStreamTrack): { stream: MediaStream; close: () => void } {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  context
    .createMediaStreamSource(new MediaStream([track]))
    .connect(new DelayNode(context, { delayTime: later, maxDelayTime: later }))
    .connect(out);
  return { stream: out.stream, close: () => void context.close() };
}
