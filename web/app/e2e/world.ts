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
  smtp: string;
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
  static async start(): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "frontdesk-e2e-"));
    const given = process.env.FRONTDESK_READY;
    const file = given ?? join(folder, "ready.json");
    const child = given ? undefined : demo(folder, file);
    await until(() => existsSync(file) || (child?.exitCode ?? 0) !== 0, "the demo's ready file", 60_000);
    const ready = JSON.parse(readFileSync(file, "utf8")) as Ready;
    ready.http = process.env.FRONTDESK_URL ?? ready.http;
    return new World(ready, child, folder);
  }

  user(login: string): DemoUser {
    const found = this.ready.users.find((u) => u.login === login);
    if (!found) throw new Error(`the demo has no user ${login}`);
    return found;
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

  /** Has a client call: a real SIP call that plays wav. It goes on until hung up or ended. */
  ring(from: string, to: string, wav?: string, ...more: string[]): Caller {
    return new Caller([
      "ring",
      "--to",
      to,
      "--from",
      from,
      "--server",
      this.ready.sip_udp,
      ...(wav ? ["--wav", wav] : []),
      ...more,
    ]);
  }

  /** Has somebody write: a real mail over SMTP. */
  async post(from: string, to: string, ...more: string[]): Promise<string> {
    const { stdout } = await run(binary, ["post", "--from", from, "--to", to, "--server", this.ready.smtp, ...more]);
    return stdout;
  }

  async stop(): Promise<void> {
    if (this.child && this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      const hard = setTimeout(() => this.child?.kill("SIGKILL"), 10_000);
      await new Promise((done) => this.child?.once("exit", done));
      clearTimeout(hard);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
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
}

function demo(folder: string, ready: string): ChildProcess {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build it first (make build), or set FRONTDESK_BIN`);
  const child = spawn(binary, ["demo", "--ports", "auto", "--data", folder, "--ready", ready], {
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
