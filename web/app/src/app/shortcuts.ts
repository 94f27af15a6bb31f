import { msg } from "@lingui/core/macro";
import type { NavigateOptions } from "@tanstack/react-router";
import type { Supervising } from "~/live/protocol";
import { legOf, ringing, supervising, talking } from "~/live/state";
import { toTheDoor } from "./door";
import { places, type Shortcut } from "./keys";
import { attempt, live } from "./live";

type Moves = { go: (to: NavigateOptions) => void; find: () => void; dial: () => void; help: () => void };

/** Keys that work everywhere. */
export function generalShortcuts({ go, find, dial, help }: Moves): Shortcut[] {
  return [
    { keys: "ctrl+k", what: msg`Find or do anything`, do: find },
    { keys: "d", what: msg`Dial`, do: dial },
    { keys: "c", what: msg`Write a mail`, do: () => go({ to: "/mail", search: { compose: "" } }) },
    ...places.map((p) => ({ keys: `g ${p.key}`, what: p.name, do: () => go(p) })),
    { keys: "?", what: msg`Show the keys`, do: help },
  ];
}

/** Keys of calls: the one that rings, or the one that runs. */
export function callShortcuts({ go }: Pick<Moves, "go">): Shortcut[] {
  return [
    { keys: "alt+a", what: msg`Answer`, do: () => answer(go) },
    { keys: "alt+d", what: msg`Decline`, do: decline },
    { keys: "alt+h", what: msg`Hold or take back`, do: () => withTalking((leg, held) => live.hold(leg, !held)) },
    { keys: "alt+s", what: msg`Swap between two calls`, do: () => attempt(live.swap()) },
    { keys: "alt+x", what: msg`Hang up`, do: hangUp },
    { keys: "alt+l", what: msg`Only listen in on the call`, do: () => supervise("listen") },
    { keys: "alt+w", what: msg`Whisper to the agent`, do: () => supervise("whisper") },
    { keys: "alt+b", what: msg`Barge in`, do: () => supervise("barge") },
    { keys: "m", what: msg`Mute or unmute`, do: mute },
  ];
}

/** Answers the call that rings, else goes to the door of the meeting one is asked into. */
function answer(go: Moves["go"]): void {
  const state = live.store.get();
  const [call] = ringing(state);
  const [invite] = state.invites;
  if (call) attempt(live.answer(call.leg));
  else if (invite) attempt(toTheDoor(invite, go));
}

function decline(): void {
  const state = live.store.get();
  const [call] = ringing(state);
  const [invite] = state.invites;
  if (call) attempt(live.decline(call.leg));
  else if (invite) attempt(live.declineInvite(invite));
}

/** Changes how we supervise the call of others that we do. */
function supervise(how: Supervising): void {
  const [call] = supervising(live.store.get());
  if (call) attempt(live.superviseAs(call.leg, how));
}

function hangUp(): void {
  const state = live.store.get();
  const [first] = [...talking(state), ...supervising(state)];
  if (first) attempt(live.hangup(first.leg));
}

function withTalking(act: (leg: string, held: boolean) => Promise<unknown>): void {
  const first = talking(live.store.get())[0];
  if (first) attempt(act(first.leg, legOf(first.view, first.leg)?.held ?? false));
}

function mute(): void {
  const { legs, stage } = live.store.get();
  if (stage) return attempt(live.meeting.mute(!stage.muted));
  const line = legs[0];
  if (line) attempt(live.phone.mute(line.leg, !line.muted));
}
