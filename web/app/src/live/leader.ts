/**
 * Asks to be the one tab of this browser that rings and notifies. lead is called once this tab is it, which may be
 * when another tab closes; the tab stays it until it closes. Without Web Locks (plain http) every tab leads.
 */
export function stand(lead: () => void, name = "frontdesk.ring"): void {
  if (!navigator.locks) return lead();
  void navigator.locks.request(name, () => {
    lead();
    return new Promise<never>(() => {});
  });
}
