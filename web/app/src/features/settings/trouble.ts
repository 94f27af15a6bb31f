/** What is wrong with a line, by what the other side or the network said. */
export type Trouble =
  | "waiting"
  | "lost"
  | "password"
  | "user"
  | "name"
  | "silent"
  | "closed"
  | "busy"
  | "certificate"
  | "other";

const signs: [RegExp, Trouble][] = [
  [/certificate|TLS|handshake/, "certificate"],
  [/^waiting for the PBX/, "waiting"],
  [/\b(401|403|407)\b/, "password"],
  [/\b(404|410|484|604)\b/, "user"],
  [/no such host|is not known: check the host|no address|NXDOMAIN|lookup /i, "name"],
  [/refused/i, "closed"],
  [/\b(480|486|503|500|600)\b/, "busy"],
  [/no answer|timeout|timed out|deadline|unreachable|\b408\b/i, "silent"],
];

/** Names the trouble, so that it can be told in plain words; the words of the wire stay one click deeper. */
export function troubleOf(problem: string): Trouble {
  return signs.find(([sign]) => sign.test(problem))?.[1] ?? "other";
}
