import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "~/api";
import { Outcome } from "./Outcome";
import type { Call } from "./queries";

const call = { id: "c1", direction: "in", outcome: "answered", cause: "normal", users: ["u2"] } as Call;
const steps = [
  { kind: "ring", users: ["u1"], begun: at(0), ended: at(20), outcome: "no_answer" },
  { kind: "ring", users: ["u1", "u2"], begun: at(20), ended: at(23), outcome: "answered", answered_by: "u2" },
  { kind: "dial", users: [], number: "+40722123456", begun: at(30), ended: at(31), outcome: "failed" },
];
let root: Root;
let opened: ReturnType<typeof vi.fn>;

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 9, 0, second)).toISOString();
}

beforeEach(() => {
  const users = [
    { id: "u1", name: "Maria Popa" },
    { id: "u2", name: "Ion Rusu" },
  ];
  vi.spyOn(api, "GET").mockImplementation((async (path: string) => ({
    data: path === "/api/v1/calls/{id}" ? { ...call, steps } : { items: users },
    response: new Response(),
  })) as never);
  i18n.loadAndActivate({ locale: "en", messages: {} });
  opened = vi.fn();
});
afterEach(() => {
  root.unmount();
  document.body.replaceChildren();
});

function show(c: Call): void {
  root = createRoot(document.body.appendChild(document.createElement("div")));
  root.render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <I18nProvider i18n={i18n}>
          {/* biome-ignore lint/a11y: as the row of a table, which opens the client */}
          <div onClick={opened as never}>
            <Outcome c={c} />
          </div>
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>,
  );
}

const button = () => document.querySelector("button");
const lines = () =>
  [...document.querySelectorAll("li")].map((l) => [...l.childNodes].map((n) => n.textContent).join("|"));

it("tells whom a call rang, for how long, and what came of it, and does not open the client", async () => {
  show(call);
  await expect.poll(button).not.toBeNull();
  button()!.click();
  await expect
    .poll(lines)
    .toEqual([
      "Rang Maria Popa|0:20|No answer",
      "Rang Maria Popa and Ion Rusu|0:03|Answered by Ion Rusu",
      "Called +40 722 123 456|0:01|The line failed",
    ]);
  expect(opened).not.toHaveBeenCalled();
});

it("has no way to open of a meeting", async () => {
  show({ ...call, direction: "meeting" });
  await expect.poll(() => document.body.textContent).toContain("Answered");
  expect(button()).toBeNull();
});
