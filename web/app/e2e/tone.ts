import { readFileSync, writeFileSync } from "node:fs";

/** Writes a WAV file, mono, 16 bit, with a tone of hz for seconds. */
export function writeTone(path: string, hz: number, rate: number, seconds = 4): string {
  const samples = rate * seconds;
  const data = Buffer.alloc(44 + samples * 2);
  data.write("RIFF", 0);
  data.writeUInt32LE(36 + samples * 2, 4);
  data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20); // PCM
  data.writeUInt16LE(1, 22); // channels
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write("data", 36);
  data.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++)
    data.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hz * i) / rate)), 44 + i * 2);
  writeFileSync(path, data);
  return path;
}

/**
 * The share of a tone of hz in the middle of a WAV file as writeTone makes it, 0 to 1: the median of quarters of a second, as a packet that came
 * late breaks the wave and not the tone.
 */
export function toneShare(path: string, hz: number): number {
  const all = quarters(path);
  const middle = all.slice(Math.floor(all.length / 4), Math.floor((all.length * 3) / 4));
  const shares = middle.map((share) => share(hz));
  return shares.sort((a, b) => a - b)[Math.floor(shares.length / 2)] ?? 0;
}

/** Each quarter of a second of such a file: the share that a tone of so many Hz has of it. */
export function quarters(path: string): ((hz: number) => number)[] {
  const data = readFileSync(path);
  const rate = data.readUInt32LE(24);
  const all = Array.from({ length: (data.length - 44) / 2 }, (_, i) => data.readInt16LE(44 + i * 2));
  return Array.from({ length: Math.floor((all.length * 4) / rate) }, (_, i) => {
    const sound = all.slice((i * rate) / 4, ((i + 1) * rate) / 4);
    return (hz: number) => goertzel(sound, hz, rate);
  });
}

function goertzel(sound: number[], hz: number, rate: number): number {
  const k = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [one, two, energy] = [0, 0, 0];
  for (const s of sound) {
    [one, two] = [s + k * one - two, one];
    energy += s * s;
  }
  return energy ? ((one * one + two * two - k * one * two) * 2) / sound.length / energy : 0;
}
