/** A company on three nodes, behind the balancer of configs/haproxy.cfg: real processes on one PostgreSQL, one NATS server and one folder. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { exit, until, World } from "./world";

const names = ["a", "b", "c"] as const;
export type Name = (typeof names)[number];

const run = promisify(execFile);
const natsServer = resolve(process.env.NATS_SERVER ?? "../../bin/nats-server");
const balancerFile = resolve("../../configs/haproxy.cfg");
const path = `${process.env.PATH}:/usr/sbin`; // haproxy's place on Debian

type System = { bus: { ok: boolean }; nodes: { id: string; state: string }[] };
type Doors = Record<Name, { http: string; admin: string }>;

export class Cluster {
  private readonly nodes = new Map<Name, World>();
  private readonly folder = mkdtempSync(join(tmpdir(), "frontdesk-cluster-"));
  private bus?: ChildProcess;
  private balancer?: ChildProcess;
  private workplace = "";

  private constructor(
    private readonly database: string,
    private readonly busPort: number,
    private readonly doors: Doors,
  ) {}

  static async start(): Promise<Cluster> {
    const doors = {} as Doors;
    for (const name of names) doors[name] = { http: await free(), admin: await free() };
    const cluster = new Cluster(await createDatabase(), portOf(await free()), doors);
    return cluster.open().then(
      () => cluster,
      (err) => cluster.stop().then(() => Promise.reject(err)),
    );
  }

  private async open(): Promise<void> {
    await this.startBus();
    for (const name of names) await this.startNode(name); // the first makes the company
    await this.startBalancer();
  }

  /** What people reach: the balancer. */
  get front(): World {
    return this.node("a").at(`http://${this.workplace}`);
  }

  node(name: Name): World {
    const found = this.nodes.get(name);
    if (!found) throw new Error(`node ${name} does not run`);
    return found;
  }

  /** A node that is none of these. */
  other(...not: Name[]): World {
    return this.node(names.find((name) => !not.includes(name))!);
  }

  /** Starts a node, or one that has ended anew. */
  async startNode(name: Name): Promise<void> {
    const { http, admin } = this.doors[name];
    const shared = ["--database", this.database, "--bus", `nats://127.0.0.1:${this.busPort}`, "--blobs", this.folder];
    const own = ["--node", name, "--http", http, "--admin", admin, "--drain", "2m"];
    const node = await World.node(...own, ...shared);
    this.nodes.set(name, node);
    await until(() => answers(`http://${admin}/readyz`), `node ${name} to be ready`);
  }

  /** Starts what has ended or is about to. */
  async heal(): Promise<void> {
    if (!running(this.bus)) await this.startBus();
    for (const [name, node] of this.nodes) {
      if (node.runs && (await answers(`http://${this.doors[name].admin}/readyz`))) continue;
      await node.kill();
      await this.startNode(name);
    }
  }

  /** The newest live socket of a user, and the node that holds it; undefined while there is none. */
  async seat(login: string): Promise<{ socket: string; node: Name } | undefined> {
    const query = `SELECT s.id, s.node FROM socket s JOIN app_user u ON u.id = s.user_id
      WHERE u.login = '${login}' ORDER BY s.id DESC LIMIT 1`;
    const { stdout } = await run("psql", [this.database, "-AtXc", query]);
    const [socket, node] = stdout.trim().split("|");
    return socket && node ? { socket, node: node as Name } : undefined;
  }

  /** Starts the bus, and waits until all nodes are on it. */
  async startBus(): Promise<void> {
    if (!existsSync(natsServer)) throw new Error(`${natsServer} is missing: make e2e builds it`);
    this.bus = spawn(natsServer, ["-a", "127.0.0.1", "-p", String(this.busPort)], { stdio: "ignore" });
    await until(() => greeting("127.0.0.1", this.busPort).then(Boolean), "the bus");
    await this.onBus(true);
  }

  async stopBus(): Promise<void> {
    await end(this.bus);
    await this.onBus(false);
  }

  private async onBus(is: boolean): Promise<void> {
    for (const node of this.nodes.values())
      await until(async () => (await node.api<System>("GET", "/system")).bus.ok === is, `the bus to be ${is}`);
  }

  private async startBalancer(): Promise<void> {
    this.workplace = await free();
    const env: NodeJS.ProcessEnv = { PATH: path, WORKPLACE: this.workplace, MAIL_PORTS: this.mail };
    for (const name of names) {
      env[`NODE_${name.toUpperCase()}_HTTP`] = this.doors[name].http;
      env[`NODE_${name.toUpperCase()}_ADMIN`] = this.doors[name].admin;
      env[`NODE_${name.toUpperCase()}_MAIL`] = "127.0.0.1";
    }
    this.balancer = spawn("haproxy", ["-f", balancerFile], { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    this.balancer.stderr?.on("data", (d) => (said = (said + d).slice(-8000)));
    this.balancer.once("exit", (code) => code && console.error(`haproxy ended with ${code}\n${said}`));
    await until(() => answers(`${this.front.ready.http}/`), "the balancer");
  }

  /** Where the balancer takes IMAP: the port is node a's, whose number the others don't have. */
  get mail(): string {
    return `127.0.0.2:${portOf(this.node("a").ready.imap)}`;
  }

  async stop(): Promise<void> {
    await end(this.balancer);
    await Promise.all([...this.nodes.values()].map((node) => node.stop()));
    await end(this.bus);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Makes a database of this test's on the server of .ci/with-postgres. */
async function createDatabase(): Promise<string> {
  const server = process.env.FRONTDESK_TEST_POSTGRES;
  if (!server) throw new Error("there is no PostgreSQL: run make e2e, or .ci/with-postgres npm run e2e");
  const url = new URL(server);
  const name = `cluster_${process.pid}`;
  await run("psql", [server, "-qXc", `CREATE DATABASE ${name}`]);
  url.pathname = `/${name}`;
  return url.toString();
}

/** An address that nobody listens on, below the ports that the system gives out by itself meanwhile (32768 and up). */
async function free(): Promise<string> {
  const port = 12_000 + Math.floor(Math.random() * 20_000);
  const server = createServer();
  const taken = await new Promise<boolean>((done) => {
    server.once("error", () => done(true));
    server.listen(port, "127.0.0.1", () => server.close(() => done(false)));
  });
  return taken ? free() : `127.0.0.1:${port}`;
}

function running(child: ChildProcess | undefined): boolean {
  return child?.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  child?.kill("SIGKILL");
  await exit(child);
}

export function portOf(address: string): number {
  return Number(address.split(":")[1]);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** The first line that a server sends; "" when there is none. */
export function greeting(host: string, port: number): Promise<string> {
  return new Promise((done) => {
    const socket = connect(port, host);
    socket.once("data", (data) => {
      socket.destroy();
      done(data.toString().split("\r\n")[0]!);
    });
    socket.once("error", () => done(""));
    socket.once("close", () => done(""));
  });
}
