import { type Ask, type Events, LiveError, type Operations } from "./protocol";

type Handler<E extends keyof Events> = (data: Events[E]) => void;
type Pending = { resolve: (data: never) => void; reject: (err: LiveError) => void };
type Incoming = { re?: number; ev?: keyof Events; data?: unknown; error?: { code: string; message: string } };

/** State of the connection. */
export type Status = "connecting" | "open" | "waiting" | "closed";

const firstWait = 250; // ms
const longestWait = 8000;
const openWithin = 5000; // ms that a new connection may take
const answerWithin = 600; // ms that one in doubt has to say something, where a call has fallen silent as well
const silence = 15_000; // ms after which one that says nothing is doubted …
const patience = 5000; // … and that it has then: a server that is busy for a moment does not lose all its tabs

/** The wait before attempt n (0, 1, …), in ms: doubling, with up to a third of jitter so that tabs do not return together. */
export function backoff(attempt: number, random = Math.random): number {
  const wait = Math.min(longestWait, firstWait * 2 ** attempt);
  return Math.round(wait * (1 - random() / 3));
}

/**
 * The tab's one WebSocket. It connects again for ever until close(); what was asked and not answered when the connection
 * goes fails with LiveError "offline", and the new connection begins with a fresh hello. onRefused is told of each attempt that
 * did not open: the server is away, or does not know the session any more, which a browser does not tell apart.
 */
export class Socket {
  status: Status = "closed";
  private ws?: WebSocket;
  private attempt = 0;
  private counter = 0;
  private timer?: ReturnType<typeof setTimeout>; // of what is waited for: the next attempt, the opening, the next word
  private doubted = Infinity; // ms that it has to say something; it is trusted
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<string, Set<Handler<never>>>();

  constructor(
    private readonly url: string,
    private readonly onStatus: (s: Status) => void = () => {},
    private readonly onRefused: () => void = () => {},
  ) {}

  /** Calls handle with each event ev until the returned function is called. */
  on<E extends keyof Events>(ev: E, handle: Handler<E>): () => void {
    const set = this.handlers.get(ev) ?? new Set();
    this.handlers.set(ev, set.add(handle as Handler<never>));
    return () => set.delete(handle as Handler<never>);
  }

  open(): void {
    if (this.ws) return;
    this.become("connecting");
    const ws = new WebSocket(this.url);
    this.ws = ws;
    let refused = true;
    this.wait(openWithin, () => this.abandon(ws));
    ws.onopen = () => {
      refused = false;
      this.become("open");
      this.trust();
    };
    ws.onmessage = (m) => {
      if (this.ws === ws) this.receive(JSON.parse(String(m.data)) as Incoming); // else it was given up
    };
    ws.onclose = () => {
      this.lost(ws);
      if (refused) this.onRefused();
    };
  }

  close(): void {
    clearTimeout(this.timer);
    const ws = this.ws;
    this.ws = undefined;
    ws?.close();
    this.failAll();
    this.become("closed");
  }

  ask: Ask = (op, data) => {
    const id = ++this.counter;
    return new Promise((resolve, reject) => {
      if (this.ws?.readyState !== WebSocket.OPEN) return reject(offline());
      this.pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      this.ws.send(JSON.stringify({ id, op, data } satisfies { id: number; op: keyof Operations; data: unknown }));
    });
  };

  /** The network is there again: what waited for the next attempt begins it. */
  hurry(): void {
    if (this.status === "waiting") this.open();
    else this.doubt();
  }

  /**
   * Has a connection in doubt say something at once, and begins a new one where it does not: a browser whose address changed holds on to the old one
   * for minutes.
   */
  doubt(within = answerWithin): void {
    if (this.status !== "open" || this.doubted <= within) return;
    const ws = this.ws!;
    this.doubted = within;
    this.wait(within, () => {
      this.abandon(ws);
      if (within === answerWithin) this.open();
    });
    void this.ask("ping", {}).catch(() => {}); // it is abandoned then
  }

  private trust(): void {
    this.doubted = Infinity;
    this.wait(silence, () => this.doubt(patience));
  }

  private wait(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }

  private abandon(ws: WebSocket): void {
    this.lost(ws);
    ws.close();
  }

  private receive(m: Incoming): void {
    this.trust();
    if (m.re !== undefined) return this.settle(m.re, m);
    if (m.ev === "hello") this.attempt = 0;
    for (const handle of this.handlers.get(m.ev ?? "") ?? []) handle(m.data as never);
  }

  private settle(id: number, m: Incoming): void {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    if (m.error) waiting?.reject(new LiveError(m.error.code, m.error.message));
    else waiting?.resolve(m.data as never);
  }

  private lost(ws: WebSocket): void {
    if (this.ws !== ws) return;
    this.ws = undefined;
    this.failAll();
    this.doubted = Infinity;
    this.become("waiting");
    this.wait(backoff(this.attempt++), () => this.open());
  }

  private failAll(): void {
    for (const p of this.pending.values()) p.reject(offline());
    this.pending.clear();
  }

  private become(s: Status): void {
    this.status = s;
    this.onStatus(s);
  }
}

function offline(): LiveError {
  return new LiveError("offline", "Not connected. Frontdesk is trying again.");
}
