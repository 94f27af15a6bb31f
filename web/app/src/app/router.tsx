import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { type Kind, plural } from "~/api";
import { Shell } from "./Shell";

/** What is asked of the records in a list; see the API's `where`. */
export type Asked = { field: string; op: string; values?: string[] };
export type ListOrder = "newest" | "name" | "updated" | "amount";
export type ListSearch = {
  q?: string;
  view?: "board" | "list";
  mine?: boolean;
  where?: Asked[];
  order?: ListOrder;
  columns?: string[];
  kept?: string; // id of the saved view that was chosen
};
export type MailSearch = {
  box?: string;
  folder?: string;
  thread?: string;
  compose?: string;
  draft?: string;
  q?: string;
  all?: boolean; // searched for in all of one's mailboxes
  scheduled?: boolean;
  taken?: "mine" | "none" | "open"; // whose conversations of a shared mailbox are shown
  answer?: string; // the message to be answered; "all" or "forward": how the last one is
};
export type CallSearch = {
  show?: "missed" | "mine" | "messages" | "running" | "queues" | "lists" | "reports";
  list?: string; // the calling list that is worked
  q?: string;
  user?: string;
  client?: { kind: Kind; id: string; name: string };
  since?: string; // days, as 2026-01-31
  until?: string;
  recorded?: boolean;
  said?: string;
};

const text = (v: unknown) => (typeof v === "string" && v !== "" ? v : undefined);

const takens = ["mine", "none", "open"] as const;
const orders = ["newest", "name", "updated", "amount"] as const;

function asked(c: unknown): c is Asked {
  return typeof c === "object" && c !== null && "field" in c && "op" in c;
}

function list<T>(v: unknown, is: (x: unknown) => x is T): T[] | undefined {
  return Array.isArray(v) && v.length && v.every(is) ? v : undefined;
}

const aDay = (v: unknown) => (typeof v === "string" && /^\d{4}-\d\d-\d\d$/.test(v) ? v : undefined);

function aClient(v: unknown): CallSearch["client"] {
  const c = v as CallSearch["client"] | null | undefined;
  return c && typeof c === "object" && c.kind in plural && text(c.id)
    ? { kind: c.kind, id: c.id, name: String(c.name) }
    : undefined;
}

const root = createRootRoute({ component: Shell });
const page = <P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) });

const day = page("/", () => import("~/features/day/Day"));
const crm = createRoute({
  getParentRoute: () => root,
  path: "/crm/$list",
  component: lazyRouteComponent(() => import("~/features/crm/Crm")),
  validateSearch: (s): ListSearch => ({
    q: text(s.q),
    view: s.view === "list" ? "list" : undefined,
    mine: s.mine === true || undefined,
    where: list(s.where, asked),
    order: orders.find((o) => o === s.order),
    columns: list(s.columns, (c): c is string => typeof c === "string"),
    kept: text(s.kept),
  }),
});
const crmHome = createRoute({
  getParentRoute: () => root,
  path: "/crm",
  beforeLoad: () => {
    throw redirect({ to: "/crm/$list", params: { list: "leads" } });
  },
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/crm/$list/$id",
  component: lazyRouteComponent(() => import("~/features/crm/Record")),
});
const imports = page("/import", () => import("~/features/crm/Import"));
const bin = page("/bin", () => import("~/features/crm/Bin"));
const mail = createRoute({
  getParentRoute: () => root,
  path: "/mail",
  component: lazyRouteComponent(() => import("~/features/mail/Mail")),
  validateSearch: (s): MailSearch => ({
    box: text(s.box),
    folder: text(s.folder),
    thread: text(s.thread),
    compose: typeof s.compose === "string" ? s.compose : undefined,
    draft: text(s.draft),
    answer: text(s.answer),
    taken: takens.find((o) => o === s.taken),
    q: text(s.q),
    all: s.all === true || undefined,
    scheduled: s.scheduled === true || undefined,
  }),
});
const shown = ["missed", "mine", "messages", "running", "queues", "lists", "reports"] as const;
const calls = createRoute({
  getParentRoute: () => root,
  path: "/calls",
  component: lazyRouteComponent(() => import("~/features/calls/Calls")),
  validateSearch: (s): CallSearch => ({
    show: shown.find((v) => v === s.show),
    list: text(s.list),
    q: text(s.q),
    user: text(s.user),
    client: aClient(s.client),
    since: aDay(s.since),
    until: aDay(s.until),
    recorded: s.recorded === true || undefined,
    said: text(s.said),
  }),
});
const meetings = page("/meetings", () => import("~/features/meetings/Meetings"));
const meeting = page("/meetings/$room", () => import("~/features/meetings/Meeting"));
const offer = page("/offers/$id", () => import("~/features/offers/Offer"));
const elsewhere = page("/mailboxes", () => import("~/features/elsewhere/Elsewhere"));
const settings = page("/settings", () => import("~/features/settings/Settings"));
const setting = page("/settings/$page", () => import("~/features/settings/Settings"));

export const router = createRouter({
  routeTree: root.addChildren([
    day,
    crmHome,
    crm,
    record,
    bin,
    imports,
    mail,
    calls,
    meetings,
    meeting,
    elsewhere,
    offer,
    settings,
    setting,
  ]),
  defaultPreload: "intent",
});

/** Address of a record's own page. */
export const recordPath = { contact: "contacts", company: "companies", lead: "leads", deal: "deals" } satisfies Record<
  Kind,
  string
>;

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
