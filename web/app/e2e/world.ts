/** Starts a demo company and its outside world. FRONTDESK_BIN is the program; see `frontdesk demo`. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

export type DemoUser = { login: string; password: string; extension: string; mailbox: string };

/** What `frontdesk demo --ready` writes. */
export type Ready = {
  http: string;
  sip_udp: string;
  sip_ws: string;
  smtp: string;
  imap: string;
  admin: string;
  token: string;
  numbers: string[];
  domain: string;
  users: DemoUser[];
};

const run = promisify(execFile);
const binary = resolve(process.env.FRONTDESK_BIN ?? "../../bin/frontdesk");

/** A running demo. */
export class World {
  private constructor(
    readonly ready: Ready,
    private readonly child: ChildProcess | undefined,
    private readonly folder: string,
  ) {}

  /** Starts a demo with data of its own. FRONTDESK_READY names the file of one that runs already, FRONTDESK_URL another address of it. */
  static start(): Promise<World> {
    return World.begin(process.env.FRONTDESK_READY, []);
  }

  /** Starts one of several nodes: args tell it what it shares with the others. */
  static node(...args: string[]): Promise<World> {
    return World.begin(undefined, args);
  }

  private static async begin(given: string | undefined, args: string[]): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "frontdesk-e2e-"));
    const file = given ?? join(folder, "ready.json");
    const child = given ? undefined : demo(folder, file, args);
    await until(() => existsSync(file) || (child?.exitCode ?? 0) !== 0, "the demo's ready file", 60_000);
    const ready = JSON.parse(readFileSync(file, "utf8")) as Ready;
    if (given) ready.http = process.env.FRONTDESK_URL ?? ready.http;
    return new World(ready, child, folder);
  }

  /** The same, reached by its people at another address. */
  at(http: string): World {
    return new World({ ...this.ready, http }, undefined, "");
  }

  user(login: string): DemoUser {
    const found = this.ready.users.find((u) => u.login === login);
    if (!found) throw new Error(`the demo has no user ${login}`);
    return found;
  }

  /** A meeting to which everybody is invited. */
  async room(title: string): Promise<{ id: string }> {
    const { items } = await this.api<{ items: { id: string }[] }>("GET", "/users");
    return this.api("POST", "/meetings", { title, people: items.map((u) => u.id) });
  }

  /** Asks the API as an administrator. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.ready.http}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.ready.token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Has a client call: a real SIP call that plays wav. It goes on for 30 s, or as more says, unless hung up or ended. */
  ring(from: string, to: string, wav?: string, ...more: string[]): Caller {
    const sound = wav ? ["--wav", wav] : [];
    return new Caller(["ring", "--to", to, "--from", from, "--server", this.ready.sip_udp, ...sound, ...more]);
  }

  /** Has somebody write: a real mail over SMTP. */
  async post(from: string, to: string, ...more: string[]): Promise<string> {
    const { stdout } = await run(binary, ["post", "--from", from, "--to", to, "--server", this.ready.smtp, ...more]);
    return stdout;
  }

  async stop(): Promise<void> {
    this.drain();
    const hard = setTimeout(() => this.child?.kill("SIGKILL"), 10_000);
    await exit(this.child);
    clearTimeout(hard);
    this.clear();
  }

  /** Asks it to stop. It first lets its calls end: see ended. */
  drain(): void {
    this.child?.kill("SIGTERM");
  }

  /** Waits for the program to end by itself. */
  async ended(): Promise<void> {
    await exit(this.child);
    this.clear();
  }

  /** Ends it at once, as a loss of power does. */
  async kill(): Promise<void> {
    this.child?.kill("SIGKILL");
    await this.ended();
  }

  get runs(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  private clear(): void {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for a program to end. */
export async function exit(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((done) => child.once("exit", done));
}

/** A client's phone. */
export class Caller {
  output = "";
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;

  constructor(args: string[]) {
    this.child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on("data", (d) => (this.output += d));
    this.exited = new Promise((done) => this.child.once("exit", done));
  }

  /** Waits for the call to be over and returns the program's exit code. */
  ended(): Promise<number | null> {
    return this.exited;
  }

  /** Hangs up, or gives up while it rings. */
  async hangUp(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill("SIGINT");
    await this.exited;
  }

  /** Vanishes, when nobody is there to hang up at. */
  async drop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** The level of what was heard, in dB, as told at the end. */
  get heard(): number {
    return Number(/level (-?[\d.]+) dB/.exec(this.output)?.[1] ?? Number.NEGATIVE_INFINITY);
  }
}

function demo(folder: string, ready: string, args: string[]): ChildProcess {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build it first (make build), or set FRONTDESK_BIN`);
  // Calls wait for their cards: what runs beside other things asks what comes first, not how soon.
  const given = ["demo", "--ports", "auto", "--lookup", "10s", "--data", folder, "--ready", ready, ...args];
  const child = spawn(binary, given, {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (d) => (said = (said + d).slice(-8000)));
  child.once("exit", (code) => code && console.error(`frontdesk demo ended with ${code}\n${said}`));
  return child;
}

/** Polls until what holds, or throws after limit ms. */
export async function until(what: () => boolean | Promise<boolean>, name: string, limit = 15_000): Promise<void> {
  const end = Date.now() + limit;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`${name} did not come within ${limit} ms`);
    await new Promise((r) => setTimeout(r, 50));
  }
}
