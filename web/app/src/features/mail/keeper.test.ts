import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import { Keeper, type Save, type SavedDraft, type Words } from "./keeper";

const words: Words = {
  from: "we@acme.example",
  to: [],
  cc: [],
  bcc: [],
  subject: "",
  html: "",
  signature: "",
  quote: "",
  reply: "",
};

/** A server with one draft, as slow as a test wants it. */
class Server {
  saves: Save[] = [];
  held: Save | undefined;
  refusal: Error | undefined;
  private version = 0;
  private answers: (() => void)[] = [];
  slow = false;

  save = async (draft: Save, files: File[]): Promise<SavedDraft> => {
    this.saves.push(draft);
    if (this.slow) await new Promise<void>((go) => this.answers.push(go));
    if (this.refusal) throw this.refusal;
    const kept = (draft.keep ?? []).map((key) => ({ key, part: "2", name: key, type: "", size: 1 }));
    const more = files.map((f) => ({ key: f.name, part: "2", name: f.name, type: f.type, size: f.size }));
    const id = draft.id ?? `draft${this.saves.length}`;
    const rest = { mailbox: "m", thread: "t", formatted: false };
    return { ...draft, ...rest, id, version: String(++this.version), files: [...kept, ...more] };
  };
  hold = (draft: Save | undefined) => {
    this.held = draft;
  };
  answer(): void {
    this.answers.shift()?.();
  }
}

let server: Server;
let keeper: Keeper;
const status = () => keeper.state.get().status;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  keeper = new Keeper({ words }, server);
});
afterEach(() => vi.useRealTimers());

it("saves after a pause, once, and holds until then in the tab", async () => {
  keeper.write({ html: "H" });
  keeper.write({ html: "Hi" });
  expect(server.held?.html).toBe("Hi");
  expect(server.saves).toHaveLength(0);
  await vi.runAllTimersAsync();
  expect(server.saves.map((s) => s.html)).toEqual(["Hi"]);
  expect([status(), server.held, keeper.state.get().id]).toEqual(["saved", undefined, "draft1"]);
  keeper.write({ html: "Hi you" });
  await vi.runAllTimersAsync();
  expect(server.saves[1]).toMatchObject({ id: "draft1", version: "1" });
});

it("saves nothing that nobody wrote, except to send it", async () => {
  await vi.runAllTimersAsync();
  expect(keeper.dirty).toBe(false);
  await keeper.flush(true);
  expect(server.saves).toHaveLength(1);
});

it("has one save under way, and saves again what was written meanwhile", async () => {
  server.slow = true;
  keeper.write({ html: "a" });
  await vi.advanceTimersByTimeAsync(1000);
  keeper.write({ html: "ab" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.saves).toHaveLength(1);
  server.slow = false;
  server.answer();
  await vi.runAllTimersAsync();
  expect(server.saves.map((s) => [s.html, s.version])).toEqual([
    ["a", undefined],
    ["ab", "1"],
  ]);
  expect(status()).toBe("saved");
});

it("doesn't bring back a file that was taken out while it was on its way", async () => {
  const file = new File(["x"], "x.txt");
  server.slow = true;
  keeper.attach([file, new File(["y"], "y.txt")]);
  await vi.advanceTimersByTimeAsync(0);
  keeper.detach(file);
  server.slow = false;
  server.answer();
  await vi.runAllTimersAsync();
  expect(server.saves[1]!.keep).toEqual(["y.txt"]);
  expect(keeper.state.get().stored.map((f) => f.name)).toEqual(["y.txt"]);
});

it("tries again until the server is back, and holds on", async () => {
  server.refusal = new TypeError("network");
  keeper.write({ html: "a" });
  await vi.advanceTimersByTimeAsync(1000);
  expect([status(), server.held?.html]).toEqual(["failed", "a"]);
  await expect(keeper.flush()).rejects.toThrow("network");
  server.refusal = undefined;
  await vi.runAllTimersAsync();
  expect(status()).toBe("saved");
});

it("asks where another tab was faster, and can keep both", async () => {
  keeper.write({ html: "a" });
  await vi.runAllTimersAsync();
  server.refusal = new Problem(409, "changed");
  keeper.write({ html: "ab" });
  await vi.runAllTimersAsync();
  keeper.write({ html: "abc" });
  await vi.runAllTimersAsync();
  expect([status(), server.saves.length, server.held?.html]).toEqual(["changed", 2, "abc"]);
  await expect(keeper.flush()).rejects.toThrow();
  server.refusal = undefined;
  keeper.keepMine();
  await vi.runAllTimersAsync();
  expect(server.saves[2]).toMatchObject({ html: "abc", source: "draft1" });
  expect(server.saves[2]!.id).toBeUndefined();
  expect([status(), keeper.state.get().id]).toEqual(["saved", "draft3"]);
});
