import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { fullDate } from "~/i18n/format";
import { page } from "./MessageBody";
import { personName } from "./people";
import type { Message } from "./queries";

/** Prints a message alone: from a frame that runs no scripts and fetches nothing. */
export function print(m: Message): void {
  const frame = document.createElement("iframe");
  frame.title = m.subject;
  frame.hidden = true;
  frame.setAttribute("sandbox", "allow-same-origin allow-modals");
  frame.srcdoc = page(head(m) + m.html, false);
  frame.onload = () => {
    const inside = frame.contentWindow;
    if (!inside) return;
    inside.onafterprint = () => frame.remove();
    inside.print();
  };
  document.body.append(frame);
}

function head(m: Message): string {
  const box = document.createElement("header");
  const line = (tag: string, text: string) => {
    const el = document.createElement(tag);
    el.textContent = text;
    box.append(el);
  };
  line("h3", m.subject);
  line("div", `${i18n._(msg`From`)}: ${personName(m.from)} <${m.from.address}>`);
  line("div", `${i18n._(msg`To`)}: ${m.to.map(personName).join(", ")}`);
  line("div", `${i18n._(msg`Date`)}: ${fullDate(m.date)}`);
  line("hr", "");
  return box.outerHTML;
}
