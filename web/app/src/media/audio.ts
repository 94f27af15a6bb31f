import { chosen } from "./devices";

/**
 * Plays a stream through an element attached to the page and unmuted (an unattached one decodes nothing), on the chosen
 * loudspeaker. blocked is called when the browser wants a click first; the next click or key then starts it.
 */
export function speaker(stream: MediaStream, label: string, blocked: () => void = () => {}): () => void {
  const element = document.createElement("audio");
  element.autoplay = true;
  element.dataset.remote = label;
  element.srcObject = stream;
  document.body.append(element);
  void route(element);
  const start = () => element.play().catch(() => false);
  void start().then((ok) => ok === false && blocked());
  const again = () => void start();
  const gestures = ["pointerdown", "keydown"] as const;
  for (const g of gestures) document.addEventListener(g, again);
  return () => {
    for (const g of gestures) document.removeEventListener(g, again);
    element.srcObject = null;
    element.remove();
  };
}

/** Has what plays go on at the loudspeaker chosen now. */
export async function reroute(): Promise<void> {
  await Promise.all([...document.querySelectorAll<HTMLAudioElement>("audio[data-remote]")].map(route));
}

/** Plays an element at the chosen loudspeaker; where that is gone, at the system's. */
async function route(element: HTMLAudioElement): Promise<void> {
  const output = chosen().audiooutput;
  if (output && "setSinkId" in element) await element.setSinkId(output).catch(() => {});
}

type Tone = { hz: number[]; on: number; off: number; gain: number };

/** What a caller hears while it rings: 425 Hz, one second on, four off (ETSI TR 101 041-2). */
const ringback: Tone = { hz: [425], on: 1, off: 4, gain: 0.08 };
/** What tells a person that somebody calls: two notes, twice in three seconds. */
const ring: Tone = { hz: [523, 659], on: 0.9, off: 2.1, gain: 0.14 };

type ToneName = "ringback" | "ring";

/** Repeats a tone until stopped. Sound comes when the page is allowed to play; nothing fails when it is not. */
export class Tones {
  private context?: AudioContext;
  private playing?: { name: ToneName; stop: () => void };

  /** Plays the named tone, or silence. */
  play(name: ToneName | undefined): void {
    if (this.playing?.name === name) return;
    this.playing?.stop();
    this.playing = name && { name, stop: this.repeat(name) };
  }

  private repeat(name: ToneName): () => void {
    const tone = name === "ring" ? ring : ringback;
    this.context ??= new AudioContext();
    const context = this.context;
    void sounding(context, name === "ring" ? "ringer" : "audiooutput");
    if (context.state === "suspended") void context.resume().catch(() => {});
    const gain = context.createGain();
    gain.gain.value = 0;
    gain.connect(context.destination);
    const voices = tone.hz.map((hz) => voice(context, hz, gain));
    const beat = () => burst(gain.gain, context.currentTime, tone);
    beat();
    const timer = setInterval(beat, (tone.on + tone.off) * 1000);
    return () => {
      clearInterval(timer);
      for (const v of voices) v.stop();
      gain.disconnect();
    };
  }
}

/** Has a context sound at the loudspeaker that was chosen for something; where that is gone or can't be chosen, at the system's. */
async function sounding(context: AudioContext, at: "ringer" | "audiooutput"): Promise<void> {
  if (!("setSinkId" in context)) return;
  const set = (id: string) => (context.setSinkId as (id: string) => Promise<void>)(id);
  await set(chosen()[at] ?? "").catch(() => set("").catch(() => {}));
}

function voice(context: AudioContext, hz: number, to: AudioNode): OscillatorNode {
  const osc = context.createOscillator();
  osc.frequency.value = hz;
  osc.connect(to);
  osc.start();
  return osc;
}

/** One sounding of the tone, without clicks at its edges. */
function burst(gain: AudioParam, at: number, tone: Tone): void {
  const edge = 0.03;
  gain.setValueAtTime(0, at);
  gain.linearRampToValueAtTime(tone.gain, at + edge);
  gain.setValueAtTime(tone.gain, at + tone.on - edge);
  gain.linearRampToValueAtTime(0, at + tone.on);
}

/** Measures how loud a track is, from 0 to 1, each time it is asked. close() when done. */
export function meter(track: MediaStreamTrack): { level: () => number; close: () => void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
      return Math.min(1, Math.sqrt(power) * 4);
    },
    close: () => void context.close(),
  };
}
