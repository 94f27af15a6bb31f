import { msg } from "@lingui/core/macro";
import { useNavigate } from "@tanstack/react-router";
import { client, meQuery, useDoors } from "~/api/queries";
import { phone } from "~/i18n/format";
import { stand } from "~/live/leader";
import { Live } from "~/live/live";
import type { CallView } from "~/live/protocol";
import type { LiveState } from "~/live/state";
import { Store, useStore } from "~/live/store";
import { rediscover, told } from "./callers";
import { cards, roomy } from "./card";
import { complain, micTold, propose, say } from "./notify";
import { causes, word } from "./words";

const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live?presence=shown`;

/** The number that was dialled and asked not to be called; whether that is meant is asked. */
export const unwanted = new Store<{ number: string | undefined }>({ number: undefined });

/** This tab's live connection. */
export const live = new Live(
  url,
  (cause, whom = "", dialled) => {
    if (cause === "unwanted" && dialled) unwanted.set({ number: dialled });
    else complain(new Error([phone(whom), word(causes, cause)].filter(Boolean).join(": ")));
  },
  ({ name, number, cause }) => complain(new Error(`${phone(name || number)}: ${word(causes, cause ?? "")}`)),
  micTold,
  () => void client.refetchQueries({ queryKey: meQuery.queryKey }), // are we still logged in?
  complain,
);

const whole = (state: LiveState) => state;
export const useLiveState = (): LiveState => useStore(live.store, whole);

/** Does something live and tells the person when it fails. */
export function attempt(doing: Promise<unknown>): void {
  doing.catch(complain);
}

/** Calls a number; the call bar shows the rest. A number that leads into a meeting room opens the room's door: here one comes in with a picture. */
export function useDial(): (number: string) => void {
  const doors = useDoors();
  const navigate = useNavigate();
  return (number: string) => {
    const door = doors.find((d) => d.number === number);
    if (door) void navigate({ to: "/meetings/$room", params: { room: door.room } });
    else attempt(live.place(number));
  };
}

/** What of the cache a changed record may be part of. */
const affected: Record<string, string[]> = {
  contact: ["contacts", "card", "caller", "timeline", "search"],
  company: ["companies", "card", "caller", "timeline", "search"],
  lead: ["leads", "card", "caller", "timeline", "day", "search"],
  deal: ["deals", "card", "caller", "timeline", "day", "search", "offers"],
  activity: ["card", "caller", "timeline", "day"],
  task: ["card", "timeline", "day"],
  note: ["card", "timeline"],
  call: ["calls", "card", "timeline", "day"],
  message: ["mail", "card", "timeline", "day"],
  mail: ["mail", "card", "timeline", "day"],
  meeting: ["meetings"],
  user: ["users", "me"],
  voicemail: ["voicemail", "calls"],
};

const letGo = new Set<string>();

/**
 * Lets go of what the server says has changed: once of what several kinds are part of, they come together.
 * A page that nobody looks at reads it again when somebody does.
 */
export function stale(kind: string): void {
  if (letGo.size === 0) setTimeout(invalidate, together);
  for (const key of affected[kind] ?? [kind]) letGo.add(key);
}

const together = 20; // ms

function invalidate(): void {
  const refetchType = document.hidden ? "none" : "active";
  for (const key of letGo) void client.invalidateQueries({ queryKey: [key], refetchType });
  letGo.clear();
}

const recorded = 1500; // ms after its end in which a call comes into the timelines

function ended(): void {
  stale("call");
  setTimeout(() => stale("call"), recorded);
}

const shelved = new Set<string>(); // calls that we were told to have parked

/** Tells who parked a call where it waits. */
function parked({ call, parked: at }: CallView): void {
  if (!at?.slot) return void shelved.delete(call);
  if (at.by !== live.store.get().me || shelved.has(call)) return;
  shelved.add(call);
  say(msg`Parked: ${at.slot}. Anybody can take the call, under Calls.`);
}

/** Connects the live socket with the cache and the card; once per page. */
export function wire(): void {
  const { socket } = live;
  socket.on("card.open", (event) => {
    told(event);
    if (event.reason === "call" || roomy()) cards.arrive(event);
    else if (event.reason === "mail")
      propose(msg`${event.name || event.address} wrote`, msg`Show the card`, () => cards.arrive(event));
  });
  socket.on("mail.team", ({ what }) => {
    stale("team");
    if (what === "assigned") stale("mail");
  });
  socket.on("mail.notice", () => stale("team"));
  socket.on("notice", () => void client.invalidateQueries({ queryKey: ["notices"] }));
  socket.on("changed", ({ kind }) => stale(kind));
  socket.on("mail.received", () => stale("mail"));
  socket.on("lead.created", () => stale("lead"));
  socket.on("call.state", (view) => view.state === "ended" && ended());
  socket.on("call.state", parked);
  socket.on("hello", () => {
    void client.invalidateQueries();
    void rediscover(live.store.get(), cards.arrive);
  });
  stand(() => live.lead());
}
