/** What a search says, as the server reads it and as the form shows it. */
export type Looked = {
  words: string;
  from: string;
  to: string;
  subject: string;
  file: string;
  label: string;
  after: string;
  before: string;
  attachment: boolean;
  unread: boolean;
  flagged: boolean;
};

const texts = ["from", "to", "subject", "file", "label", "after", "before"] as const;
const states: Record<string, "attachment" | "unread" | "flagged"> = {
  "has:attachment": "attachment",
  "is:unread": "unread",
  "is:flagged": "flagged",
};

/** Reads a search. */
export function looked(q: string): Looked {
  const found: Looked = {
    words: "",
    from: "",
    to: "",
    subject: "",
    file: "",
    label: "",
    after: "",
    before: "",
    attachment: false,
    unread: false,
    flagged: false,
  };
  const words: string[] = [];
  for (const piece of q.match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
    const at = piece.indexOf(":");
    const name = texts.find((t) => t === piece.slice(0, at).toLowerCase());
    const state = states[piece.toLowerCase()];
    if (state) found[state] = true;
    else if (name) found[name] = piece.slice(at + 1).replaceAll('"', "");
    else words.push(piece);
  }
  return { ...found, words: words.join(" ") };
}

/** Writes a search. */
export function written(l: Looked): string {
  const quoted = (v: string) => (/\s/.test(v) ? `"${v}"` : v);
  return [
    l.words.trim(),
    ...texts.flatMap((t) => (l[t].trim() ? [`${t}:${quoted(l[t].trim().replaceAll('"', ""))}`] : [])),
    ...Object.entries(states).flatMap(([text, state]) => (l[state] ? [text] : [])),
  ]
    .filter(Boolean)
    .join(" ");
}
