/** What a peer connection suffers from: nothing comes through, or it has been given up. */
export type Trouble = "stuck" | "dead";

const every = 300; // ms
const silence = 1200; // ms without anything, where something came all the time
const restarting = 1500; // ms that another way is given before the connection is made anew
const patience = 3000; // ms that mending is given before it is tried again
const again = 500; // ms until mending is tried again that the server was not reached for
const opening = 5000; // ms that a new connection may take
const doubts = 3; // times that silence alone is mended while the browser holds the connection for good

/**
 * Watches over a peer connection, and has it mended when nothing comes through any more: the server says something twice a second,
 * so that silence tells sooner than the browser's own checks. Where another way over the same connection does not help at once it is dead: a browser
 * holds on to an old UDP path for many seconds, a new connection takes TCP or the relay at once.
 */
export class Watch {
  private readonly timer = setInterval(() => void this.look(), every);
  private bytes = 0;
  private lively = 0; // looks at which something had come
  private doubted = 0; // times that it was mended for its silence alone
  private heard = Date.now(); // when something came last
  private mended = 0; // when mending was begun last
  private restarted = false; // since something came last, and the server answered: it is there
  private unheard = false; // the server was not reached
  private stopped = false;
  private looking = false;
  private troubled = false;

  /** told is called when trouble begins or ends, seen with all that the connection counts at each look. */
  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly mend: (trouble: Trouble) => Promise<void>,
    private readonly told: (troubled: boolean) => void = () => {},
    private readonly seen: (report: RTCStatsReport) => void = () => {},
  ) {}

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.listen();
      if (!this.stopped) await this.act(this.trouble());
    } catch (err) {
      console.warn("connection: mending", err); // it is tried again
    } finally {
      this.looking = false;
    }
  }

  /** Notes whether something came since the last look. */
  private async listen(): Promise<void> {
    let bytes = 0;
    const report = await this.pc.getStats();
    this.seen(report);
    for (const r of report.values()) if (r.type === "transport") bytes += r.bytesReceived ?? 0;
    if (bytes > this.bytes) {
      this.lively++;
      this.doubted = 0;
      this.restarted = false;
      this.heard = Date.now();
    }
    this.bytes = bytes;
  }

  private silent(): number {
    return Date.now() - this.heard;
  }

  private trouble(): Trouble | undefined {
    switch (this.pc.connectionState) {
      case "failed":
        return "dead";
      case "disconnected":
        return "stuck";
      case "connected":
        return this.lively >= 4 && this.silent() >= silence && this.doubted < doubts ? "stuck" : undefined;
      case "closed":
        return undefined;
      default:
        return this.silent() >= opening ? "stuck" : undefined;
    }
  }

  private async act(trouble: Trouble | undefined): Promise<void> {
    if (this.troubled !== !!trouble) {
      this.troubled = !!trouble;
      this.told(this.troubled);
    }
    if (!trouble || Date.now() - this.mended < this.wait()) return;
    this.mended = Date.now();
    this.unheard = true;
    const dead = trouble === "dead" || (this.restarted && this.lively > 0);
    await this.mend(dead ? "dead" : "stuck");
    this.unheard = false;
    this.restarted = !dead;
    if (this.pc.connectionState === "connected") this.doubted++;
  }

  private wait(): number {
    if (this.unheard) return again;
    return this.restarted ? restarting : patience;
  }
}
