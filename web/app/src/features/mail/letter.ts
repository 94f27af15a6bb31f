/** A mail as the editor has it, and as it is stored: what is written, the signature below it, and what it answers. */

export type Letter = { html: string; signature: string; quote: string };

const signatureClass = "frontdesk_signature";
const quoteClass = "frontdesk_quote";

/** All of a mail. */
export function joinedLetter({ html, signature, quote }: Letter): string {
  const below = signature ? `<div class="${signatureClass}">${signature}</div>` : "";
  return `${html}${below}${quote ? `<div class="${quoteClass}">${quote}</div>` : ""}`;
}

/** The parts of a stored mail; of one without marks all is written. */
export function partsOf(html: string): Letter {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const take = (name: string) => {
    const part = [...body.children].findLast((e) => e.className === name);
    part?.remove();
    return part?.innerHTML ?? "";
  };
  const quote = take(quoteClass);
  const signature = take(signatureClass);
  return { html: body.innerHTML, signature, quote };
}

/** Plain text as HTML: a paragraph for what an empty line sets apart. */
export function paragraphs(text: string): string {
  const lines = (part: string) => part.split("\n").map(escaped).join("<br>");
  if (!text.trim()) return "";
  const parts = text
    .trimStart()
    .replace(/\n\s*$/, "")
    .split(/\n{2,}/); // a space at the end may be before the next word
  return parts.map((p) => `<p>${lines(p)}</p>`).join("");
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** HTML that says nothing is no HTML. */
export function written(html: string): string {
  return /<img|<hr/.test(html) || html.replace(/<[^>]*>|&nbsp;|\s/g, "") ? html : "";
}

const rule = "margin:0 0 0 8px;padding-left:8px;border-left:2px solid #c0c4cc";

/** What a message says, as it is quoted below a line that says whose it is. */
export function quoted(head: string, says: string): string {
  return `<p>${escaped(head)}</p><blockquote style="${rule}">${says}</blockquote>`;
}

/** Places of a template that nothing was put into, each once. */
export function openPlaces(...texts: string[]): string[] {
  return [...new Set(texts.flatMap((t) => t.replace(/<[^>]*>/g, "").match(/\{\{[^{}]*\}\}/g) ?? []))];
}
