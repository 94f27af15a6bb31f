import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { useSettings } from "~/api/queries";
import { ringing } from "~/live/state";
import { useOther } from "./callers";
import { useLiveState } from "./live";

const flash = 900; // ms

/**
 * Draws attention to a call while the tab is hidden: the title flashes, the icon gets a dot, and the leading tab shows a
 * system notification where the person has allowed them.
 */
export function useAttention(): void {
  const { t } = useLingui();
  const company = useSettings()?.company ?? "Frontdesk";
  const state = useLiveState();
  const call = ringing(state)[0];
  const invite = state.invites[0];
  const other = useOther(call);
  const who = call ? other.name || other.number : (invite?.title ?? "");
  const what = who && t`${who} calls`;
  const leads = state.leads;
  useEffect(() => {
    document.title = company;
    if (!what) return;
    icon(true);
    const note = leads && document.hidden ? notify(what) : undefined;
    const timer = setInterval(() => {
      document.title = document.title === company ? `● ${what}` : company;
    }, flash);
    return () => {
      clearInterval(timer);
      note?.close();
      icon(false);
      document.title = company;
    };
  }, [what, company, leads]);
}

function notify(what: string): Notification | undefined {
  if (!("Notification" in window) || Notification.permission !== "granted") return undefined;
  const note = new Notification(what, { icon: "/icon.svg", requireInteraction: true, tag: "frontdesk.call" });
  note.onclick = () => window.focus();
  return note;
}

function icon(dot: boolean): void {
  document
    .querySelector<HTMLLinkElement>('link[rel="icon"]')
    ?.setAttribute("href", dot ? "/icon-dot.svg" : "/icon.svg");
}
