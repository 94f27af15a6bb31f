import type { CallView, Hello, Room, RoomPerson } from "./protocol";
import type { LiveState } from "./state";

/** A room of hello: whole where we are in it ourselves, else only who is in it. */
export function roomOf({ room, node, title, people }: Hello["rooms"][number], calls: CallView[]): Room {
  const call = calls.find((c) => c.meeting === room);
  const legs = call?.legs.filter((l) => l.state !== "gone");
  const inside = legs?.map((l) => ({ ...l, user: l.user ?? "" })) ?? people.map(somebody);
  return { room, node, title, people: inside, knocking: call?.knocks ?? [] };
}

/** A person in a room of whom only the id is known yet. */
function somebody(user: string): RoomPerson {
  return { leg: user, user, number: "", name: "", muted: false, camera: false, kind: "browser", state: "active" };
}

/** Our leg in a room where another tab has it. */
export function elsewhere({ mine, rooms, me, stage }: LiveState, room: string): string | undefined {
  const legs = rooms[room]?.people.filter((p) => p.user === me && p.state === "active" && p.leg !== me) ?? [];
  const known = Object.keys(mine).find((leg) => mine[leg] === `meet:${room}`) ?? legs[0]?.leg;
  const inside = rooms[room]?.people.some((p) => p.user === me && p.state === "active") ?? false;
  return inside && known !== stage?.leg ? known : undefined;
}
