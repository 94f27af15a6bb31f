/** Shows parts of the workplace as the page does, with a server that answers what a test says. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { expect, vi } from "vitest";
import { api, Problem } from "~/api";
import { client } from "~/api/queries";
import type { CallView, LegView } from "~/live/protocol";
import type { LiveState } from "~/live/state";
import { theme } from "~/theme";
import { live } from "./live";

/** What the server was asked: "GET /api/v1/users" and what went with it. */
export type Asked = { what: string; with: unknown };
type Answers = Record<string, unknown>;

export const users = [
  { id: "me", name: "Maria Popa", active: true, login: "maria", role: "admin" },
  { id: "ion", name: "Ion Rusu", active: true, login: "ion", role: "staff" },
];

const usual: Answers = {
  "GET /api/v1/users": { items: users },
  "GET /api/v1/me": { user: users[0] },
  "GET /api/v1/calls/waiting": { parked: [], ringing: [] },
  "GET /api/v1/calls/{id}/card": { match: "none", cards: [], name: "", address: "" },
  "GET /api/v1/extensions": { items: [{ number: "102", kind: "user", user: "ion" }] },
};

/**
 * Answers what the page asks by "METHOD /path": with a value, or with what a function makes of the question; a Problem refuses it. What is not named
 * is an empty list. Returns what is asked, in order.
 */
export function serve(answers: Answers = {}): Asked[] {
  const all: Answers = { ...usual, ...answers };
  const asked: Asked[] = [];
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"] as const) {
    vi.spyOn(api, method).mockImplementation((async (path: string, init: { params?: unknown; body?: unknown } = {}) => {
      const what = `${method} ${path}`;
      asked.push({ what, with: init.body ?? init.params });
      const is = all[what] ?? { items: [] };
      const data = typeof is === "function" ? await is(init) : is;
      if (data instanceof Problem) throw data;
      return { data, response: new Response() };
    }) as never);
  }
  return asked;
}

let root: Root | undefined;

// A field that grows asks for them.
if (!document.fonts) Object.assign(document, { fonts: { addEventListener() {}, removeEventListener() {} } });

/** Shows something, at an address of the workplace, in English. Where one goes from there is told by at(). */
export async function show(what: ReactNode, address = "/"): Promise<void> {
  i18n.loadAndActivate({ locale: "en", messages: {} });
  const base = createRootRoute();
  const paths = ["/", "/mail", "/calls", "/meetings", "/meetings/$room", "/settings/$page", "/crm/$list/$id"];
  const routes = paths.map((path) => createRoute({ getParentRoute: () => base, path, component: () => what }));
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: base.addChildren(routes), history });
  await router.load();
  at = () => router.state.location.href;
  root = createRoot(document.body.appendChild(document.createElement("div")));
  root.render(
    <QueryClientProvider client={client}>
      <MantineProvider env="test" theme={theme} withCssVariables={false} withGlobalClasses={false}>
        <I18nProvider i18n={i18n}>
          <RouterProvider router={router as never} />
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>,
  );
}

/** The address of the page now. */
export let at: () => string = () => "";

const before = live.store.get();

/** Away with what was shown, and what is known. */
export function clear(): void {
  root?.unmount();
  root = undefined;
  document.body.replaceChildren();
  client.clear();
  live.store.set({ ...before, stage: undefined } as LiveState);
}

/** What can be read on the page. */
export function text(): string {
  const copy = document.body.cloneNode(true) as HTMLElement;
  for (const style of copy.querySelectorAll("style")) style.remove();
  return (copy.textContent ?? "").replaceAll("\u00a0", " ");
}

/** Waits until the page says something. */
export const says = (what: string) => expect.poll(text).toContain(what);

/** A button, link or field by what it is called for those who hear the page. */
export function find(name: string, kinds = "button, a, input, textarea"): HTMLElement | undefined {
  const all = [...document.querySelectorAll<HTMLElement>(kinds)];
  return all.find((e) => called(e) === name);
}

function called(e: HTMLElement): string {
  const labels = e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement ? [...(e.labels ?? [])] : [];
  const label = labels.map((l) => l.textContent?.replace(/ \*$/, "")).join(" ");
  return e.getAttribute("aria-label") ?? (label || (e.textContent ?? "").trim());
}

/** Waits for something so called. */
export async function finds(name: string): Promise<HTMLElement> {
  await expect.poll(() => find(name), { message: name }).toBeDefined();
  return find(name)!;
}

export async function click(name: string): Promise<void> {
  (await finds(name)).click();
}

/** Types into a field, in place of what is in it. */
export async function fill(name: string, value: string): Promise<void> {
  const field = (await finds(name)) as HTMLInputElement;
  const proto = Object.getPrototypeOf(field) as object;
  Object.getOwnPropertyDescriptor(proto, "value")!.set!.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Presses a key where the focus is. */
export function press(key: string, on: Element | null = document.activeElement): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true });
  (on ?? document.body).dispatchEvent(event);
  return event;
}

const leg = (l: Partial<LegView>): LegView => ({
  leg: "mine",
  kind: "browser",
  number: "",
  name: "",
  state: "active",
  held: false,
  muted: false,
  camera: false,
  cause: "",
  ...l,
});

/** A call of ours with a client outside. Change what is different. */
export function call(
  view: Partial<CallView> = {},
  mine: Partial<LegView> = {},
  theirs: Partial<LegView> = {},
): CallView {
  return {
    call: "c",
    node: "n",
    direction: "in",
    state: "answered",
    from: "+40722123456",
    from_name: "",
    to: "+40311000001",
    line: "+40311000001",
    started: new Date().toISOString(),
    answered: new Date().toISOString(),
    cause: "",
    outcome: "",
    legs: [leg({ user: "me", ...mine }), leg({ leg: "theirs", kind: "trunk", number: "+40722123456", ...theirs })],
    ...view,
  };
}

/** Puts calls into what this tab knows; it speaks on their first legs unless it is told that it does not. */
export function running(views: CallView[], here = true): void {
  live.store.set({
    status: "open",
    me: "me",
    calls: Object.fromEntries(views.map((v) => [v.call, v])),
    mine: Object.fromEntries(views.map((v) => [v.legs[0]!.leg, v.call])),
    legs: here
      ? views.map((v) => ({ leg: v.legs[0]!.leg, muted: v.legs[0]!.muted, connection: "connected", blocked: false }))
      : [],
  });
}
