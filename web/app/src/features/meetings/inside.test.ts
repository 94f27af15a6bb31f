import { expect, it } from "vitest";
import type { RoomPerson } from "~/live/protocol";
import type { LiveState } from "~/live/state";
import { insideOf } from "./inside";

const person = (p: Partial<RoomPerson>): RoomPerson => ({
  leg: "l",
  user: "",
  number: "",
  name: "",
  muted: false,
  camera: false,
  kind: "browser",
  state: "active",
  ...p,
});
const meeting = { id: "r", inside: ["ana", "ion"], guests: 1 };
const rooms: LiveState["rooms"] = {
  r: {
    room: "r",
    node: "n",
    title: "",
    knocking: [],
    people: [
      person({ user: "ana" }),
      person({ user: "ana" }), // by a second tab
      person({ user: "eva", state: "failed" }),
      person({ kind: "trunk", number: "+40722123456" }),
      person({ kind: "trunk", name: "Client", number: "+40722000000" }),
      person({ kind: "trunk" }),
      person({ kind: "trunk", number: "+40722999999", state: "ringing" }),
    ],
  },
};

it("believes the server about a room that we are not in, whatever was known before", () => {
  expect(insideOf({ rooms }, meeting)).toEqual({ users: ["ana", "ion"], guests: [], nameless: 1 });
});

it("knows each of those in our own room once, and nobody who only rings", () => {
  const stage = { room: "r" } as LiveState["stage"];
  expect(insideOf({ rooms, stage }, meeting)).toEqual({
    users: ["ana"],
    guests: ["+40 722 123 456", "Client"],
    nameless: 1,
  });
});
