/** Folds what a mail quotes of others: a press shows it, without a script. */
export function folded(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const quotes = [...body.querySelectorAll("blockquote")].filter(
    (q) => !q.parentElement?.closest("blockquote, details"),
  );
  for (const quote of quotes) if (quote.textContent?.trim()) hide(body.ownerDocument, quote, [quote]);
  for (const text of body.querySelectorAll<HTMLElement>("div[style*='pre-wrap']")) foldText(text);
  // A mail that is nothing but a quote is shown.
  return visible(body) ? body.innerHTML : html;
}

/** Puts nodes behind a mark. */
function hide(doc: Document, at: ChildNode, nodes: ChildNode[]): void {
  const details = doc.createElement("details");
  const mark = doc.createElement("summary");
  mark.textContent = "•••";
  const inside = doc.createElement("div");
  if (nodes.every((n) => n.nodeType === 1)) inside.style.whiteSpace = "normal";
  at.before(details);
  details.append(mark, inside);
  inside.append(...nodes);
}

/** Folds the lines of a plain text that begin with ">", where they are its end. */
function foldText(text: HTMLElement): void {
  const end = text.lastChild;
  if (end?.nodeType !== 3 || text.childNodes.length > 200) return;
  const lines = (end.textContent ?? "").trimEnd().split("\n");
  let first = lines.length;
  while (first > 0 && /^(>|\s*$)/.test(lines[first - 1]!)) first--;
  if (lines.length - first < 3 || !lines.slice(first).some((l) => l.startsWith(">"))) return;
  end.textContent = `${lines.slice(0, first).join("\n")}\n`;
  const quoted = text.ownerDocument.createTextNode(lines.slice(first).join("\n"));
  end.after(quoted);
  hide(text.ownerDocument, quoted, [quoted]);
}

function visible(body: HTMLElement): boolean {
  const copy = body.cloneNode(true) as HTMLElement;
  for (const d of copy.querySelectorAll("details")) d.remove();
  return Boolean(copy.textContent?.trim() || copy.querySelector("img"));
}
