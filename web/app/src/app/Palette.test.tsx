import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "~/api";
import { newStore } from "~/features/crm/new";
import { cards } from "./card";
import { Palette, palette } from "./Palette";

let answer: (found: unknown[]) => void;
let root: Root;

beforeEach(async () => {
  const found = new Promise<unknown[]>((done) => {
    answer = done;
  });
  vi.spyOn(api, "GET").mockImplementation((async (path: string) => ({
    data: { items: path === "/api/v1/search" ? await found : [] },
    response: new Response(),
  })) as never);
  i18n.loadAndActivate({ locale: "en", messages: {} });
  newStore.set({ kind: undefined });
  const page = document.body.appendChild(document.createElement("div"));
  const history = createMemoryHistory();
  const router = createRouter({ routeTree: createRootRoute({ component: Palette }), history });
  await router.load();
  root = createRoot(page);
  root.render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <I18nProvider i18n={i18n}>
          <RouterProvider router={router as never} />
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>,
  );
  await expect.poll(() => page.children.length).toBeGreaterThan(0);
});
afterEach(() => {
  root.unmount();
  document.body.replaceChildren();
});

const press = (key: string) => {
  const event = new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
};
const type = (text: string) => [...text].forEach(press);
const field = () => document.querySelector<HTMLInputElement>("input");

it("takes a whole wish typed before its field is there", async () => {
  answer([]);
  palette.open();
  type("new leat");
  press("Backspace");
  type("d");
  press("Enter");
  await expect.poll(() => newStore.get().kind).toBe("lead");
});

it("does what is first when Enter comes before anything was picked", async () => {
  answer([]);
  palette.open();
  type("new deal");
  await expect.poll(() => document.activeElement === field()).toBe(true);
  press("Enter");
  await expect.poll(() => newStore.get().kind).toBe("deal");
});

it("waits with an early Enter for what the server finds", async () => {
  const shown = vi.spyOn(cards, "show").mockImplementation(() => undefined);
  palette.open();
  type("Radu");
  press("Enter");
  const ref = { kind: "contact", id: "1" };
  answer([{ ref, name: "Radu Georgescu", points: [] }]);
  await expect.poll(() => shown.mock.calls).toEqual([[ref]]);
});

it("takes letters from a field that still has the focus, and leaves it its own once closed", async () => {
  const other = document.body.appendChild(document.createElement("input"));
  other.focus();
  palette.open();
  expect(press("n").defaultPrevented).toBe(true);
  await expect.poll(() => field()?.value).toBe("n");
  press("Escape");
  expect(press("x").defaultPrevented).toBe(false);
});
