import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { api, Problem } from "~/api";
import { client, meQuery, usersQuery } from "~/api/queries";
import { leaveWhenEnded } from "./leave";

function Door() {
  const me = useQuery(meQuery);
  return <p>{me.data ? "inside" : me.error ? "asked to log in" : ""}</p>;
}

it("asks to log in when any answer says that the session has ended, though nothing else makes the page look", async () => {
  let ended = false;
  vi.spyOn(api, "GET").mockImplementation((async () => {
    if (ended) throw new Problem(401, "Log in first.");
    return { data: { user: { id: "u1" }, items: [] }, response: new Response() };
  }) as never);
  const stop = leaveWhenEnded();
  const page = document.body.appendChild(document.createElement("div"));
  const root = createRoot(page);
  root.render(
    <QueryClientProvider client={client}>
      <Door />
    </QueryClientProvider>,
  );
  await expect.poll(() => page.textContent).toBe("inside");
  ended = true;
  await client.fetchQuery(usersQuery).catch(() => {});
  await expect.poll(() => page.textContent).toBe("asked to log in");
  expect(client.getQueryData(usersQuery.queryKey)).toBeUndefined();
  root.unmount();
  stop();
});
