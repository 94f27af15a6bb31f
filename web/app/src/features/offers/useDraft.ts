import { useCallback, useEffect, useRef, useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { keyed, sent, type Typed } from "./lines";
import { type Offer, offerKey, offersKey, reckon } from "./queries";

export type Draft = Omit<Offer, "lines"> & { lines: Typed[] };

const pause = 900; // ms after the last key
const glance = 150;

/** A document that is typed: kept on the server a moment after the last key, its totals reckoned there. */
export function useDraft(offer: Offer) {
  const [draft, setDraft] = useState<Draft>(() => ({ ...offer, lines: keyed(offer.lines ?? []) }));
  const [status, setStatus] = useState<"clean" | "waiting" | "saved">("clean");
  const [problem, setProblem] = useState<unknown>();
  const now = useRef({ draft, updated: offer.updated, dirty: false, running: Promise.resolve() });
  now.current.draft = draft;

  const change = useCallback((what: Partial<Draft>) => {
    now.current.dirty = true;
    setStatus("waiting");
    setDraft((d) => ({ ...d, ...what }));
  }, []);

  /** Keeps what is not kept yet; rejects where the server refuses. */
  const flush = useCallback(async () => {
    const at = now.current;
    at.running = at.running.then(async () => {
      if (!at.dirty) return;
      at.dirty = false;
      const body = { ...at.draft, lines: sent(at.draft.lines), updated: at.updated } as Offer;
      try {
        const kept = await ok(api.PUT("/api/v1/offers/{id}", { params: { path: { id: offer.id } }, body }));
        at.updated = kept.updated;
        client.setQueryData(offerKey(offer.id), kept);
        void client.invalidateQueries({ queryKey: [...offersKey, "of"] });
        setProblem(undefined);
        setStatus(at.dirty ? "waiting" : "saved");
      } catch (err) {
        at.dirty = true;
        setProblem(err);
        throw err;
      }
    });
    const running = at.running;
    at.running = running.catch(() => {});
    return running;
  }, [offer.id]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change begins the pause anew
  useEffect(() => {
    if (!now.current.dirty) return;
    const timer = setTimeout(() => void flush().catch(() => {}), pause);
    return () => clearTimeout(timer);
  }, [draft, flush]);
  useEffect(() => () => void flush().catch(() => {}), [flush]);
  useTotals(draft, setDraft);
  return { draft, change, flush, status, problem };
}

/** Has the totals follow what is typed. */
function useTotals({ lines, currency }: Draft, set: (change: (d: Draft) => Draft) => void): void {
  const asked = JSON.stringify([
    currency,
    lines.map(({ quantity, price, discount, tax }) => ({ name: "", quantity, price, discount, tax, net: 0 })),
  ]);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const [currency, typed] = JSON.parse(asked);
      reckon(currency, typed, stop.signal).then(
        (got) =>
          set((d) => ({
            ...d,
            totals: got.totals,
            lines: d.lines.map((l, i) => ({ ...l, net: got.lines[i]?.net ?? l.net })),
          })),
        () => {}, // what is wrong with it is said when it is kept
      );
    }, glance);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, set]);
}
