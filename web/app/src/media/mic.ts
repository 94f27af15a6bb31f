import { microphone } from "./devices";

/** What became of a microphone that went: the name of the one in use now, or undefined while there is none. */
export type MicTold = (label: string | undefined) => void;

const again = 5000; // ms between tries where nothing tells of new devices

/**
 * Looks after an open microphone. One that ends by itself (unplugged, taken by the system) is replaced by the next there is;
 * while there is none, a new one is taken as soon as it comes.
 */
export class Mic {
  private timer?: ReturnType<typeof setInterval>;
  private over = false;
  private busy = false;

  constructor(
    private track: MediaStreamTrack,
    private readonly use: (track: MediaStreamTrack) => Promise<unknown>,
    private readonly told: MicTold,
  ) {
    this.tend(track);
  }

  /** Stops looking after it; the track itself stays as it is. */
  release(): void {
    this.over = true;
    this.track.onended = null;
    this.rest();
  }

  /** Takes the microphone chosen now in place of this one, which is heard until then. Rejects with DeviceError: it stays. */
  async change(): Promise<void> {
    const before = this.track;
    const track = await microphone();
    if (this.over) return track.stop();
    this.rest();
    before.onended = null;
    this.tend(track);
    await this.use(track);
    before.stop();
  }

  private tend(track: MediaStreamTrack): void {
    this.track = track;
    track.onended = () => void this.replace(true);
  }

  private async replace(first = false): Promise<void> {
    if (this.busy) return; // one headset brings several changes of devices
    this.busy = true;
    try {
      const track = await microphone();
      if (this.over) return track.stop();
      this.rest();
      this.tend(track);
      await this.use(track);
      this.told(track.label);
    } catch {
      if (first && !this.over) this.wait();
    } finally {
      this.busy = false;
    }
  }

  private wait(): void {
    this.told(undefined);
    this.timer = setInterval(this.retry, again);
    navigator.mediaDevices?.addEventListener?.("devicechange", this.retry);
  }

  private readonly retry = () => void this.replace();

  private rest(): void {
    clearInterval(this.timer);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.retry);
  }
}
