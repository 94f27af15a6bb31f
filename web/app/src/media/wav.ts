/** What phones hear at best. */
const rate = 16000;

/** A sound that the browser can play, of whatever kind, as a WAV file of one channel. */
export async function toWAV(sound: Blob): Promise<Blob> {
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await sound.arrayBuffer());
  return wavOf(mixed(decoded));
}

/** All channels as one. */
function mixed(sound: AudioBuffer): Float32Array {
  const one = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) {
    const channel = sound.getChannelData(c);
    for (let i = 0; i < one.length; i++) one[i]! += channel[i]! / sound.numberOfChannels;
  }
  return one;
}

/** Samples between -1 and 1 as 16-bit PCM (RIFF/WAVE). */
export function wavOf(samples: Float32Array): Blob {
  const file = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at: number, mark: string) => {
    for (let i = 0; i < mark.length; i++) file.setUint8(at + i, mark.charCodeAt(i));
  };
  text(0, "RIFF");
  file.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, rate, true);
  file.setUint32(28, 2 * rate, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++)
    file.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, samples[i]!)) * 0x7fff), true);
  return new Blob([file.buffer], { type: "audio/wav" });
}
