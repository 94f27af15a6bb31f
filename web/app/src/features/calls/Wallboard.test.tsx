import { expect, it } from "vitest";
import { click, says, serve, show, text } from "~/app/page.testing";
import { Wallboard } from "./Wallboard";

const since = "2026-01-01T09:00:00Z";
const agent = (user: string, state: string) => ({ user, state, since, logged_in: state !== "offline", paused: false });

it("says what queues are while one is in none", async () => {
  serve();
  await show(<Wallboard />, "/calls?show=queues");
  await says("You are in no queue");
});

it("shows who waits and what agents do, and logs in", async () => {
  const caller = { queue: "q", since, after: since, tries: 0 };
  const callers = [
    { ...caller, call: "c1", number: "+40722000001", name: "Ioana Marin", callback: false },
    { ...caller, call: "c2", number: "+40722000002", name: "Radu Pop", callback: true },
  ];
  const queue = {
    id: "q",
    name: "Support",
    waiting: 3,
    callers,
    agents: [agent("me", "offline"), agent("ion", "talking")],
  };
  const asked = serve({ "GET /api/v1/queues/live": { items: [queue] } });
  await show(<Wallboard />, "/calls?show=queues");
  for (const said of [
    "3 callers wait",
    "Ioana Marin",
    "Radu Pop",
    "Is called back",
    "1 more",
    "With a caller",
    "Logged out",
  ])
    await says(said);
  await click("Log in");
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/agents/{id}", with: { logged_in: true } });
  expect(text()).toContain("Longest:");
  await click("Do not call back");
  await expect
    .poll(() => asked)
    .toContainEqual({ what: "DELETE /api/v1/queues/{id}/callbacks/{call}", with: { path: { id: "q", call: "c2" } } });
});
