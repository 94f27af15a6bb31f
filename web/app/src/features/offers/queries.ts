import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { refresh } from "~/api/records";
import type { components } from "~/api/schema";

type Schemas = components["schemas"];
type Answered = Schemas["Offer"];
/** What the server fills in when it is left out is there in what it answers. */
export type Offer = Answered &
  Required<
    Pick<Answered, "language" | "currency" | "client" | "email" | "intro" | "note" | "date" | "until" | "lines">
  >;
export type Line = Schemas["OfferLine"];
export type Totals = Schemas["OfferTotals"];
export type Product = Omit<Schemas["Product"], "$schema">;
export type OfferSettings = Omit<Schemas["OfferSettings"], "$schema">;
export type Kind = Offer["kind"];
export type State = Offer["state"];

export const offersKey = ["offers"];
export const productsKey = ["products"];
export const settingsKey = ["offer-settings"];
export const offerKey = (id: string) => [...offersKey, id];

/** How the company writes offers; undefined while it is read. */
export function useOfferSettings(): OfferSettings | undefined {
  return useQuery({ queryKey: settingsKey, queryFn: () => ok(api.GET("/api/v1/offer-settings")), staleTime: 60_000 })
    .data;
}

/** The offers and invoices of a deal, the latest first. */
export const useOffersOf = (deal: string, enabled: boolean) =>
  useQuery({
    queryKey: [...offersKey, "of", deal],
    enabled,
    queryFn: async () =>
      (await ok(api.GET("/api/v1/offers", { params: { query: { deal, limit: 100 } } }))).items as Offer[],
  });

export const useOffer = (id: string) =>
  useQuery({
    queryKey: offerKey(id),
    queryFn: async () => (await ok(api.GET("/api/v1/offers/{id}", { params: { path: { id } } }))) as Offer,
  });

/** Products with the words in their name or SKU. */
export const useFound = (q: string, enabled: boolean) =>
  useQuery({
    queryKey: [...productsKey, "found", q],
    enabled,
    queryFn: async ({ signal }) =>
      (await ok(api.GET("/api/v1/products", { params: { query: { q, limit: 12 } }, signal }))).items,
    placeholderData: (before) => before,
  }).data;

/** What lines come to, by the server's own rule. */
export const reckon = (currency: string, lines: Line[], signal: AbortSignal) =>
  ok(api.POST("/api/v1/offers/totals", { body: { currency, lines }, signal }));

/** Begins a document on a deal. */
export async function begin(deal: string, kind: Kind): Promise<Offer> {
  return kept(await ok(api.POST("/api/v1/offers", { body: { deal, kind } as Offer })));
}

export async function copyOf(id: string, kind: Kind): Promise<Offer> {
  return kept(await ok(api.POST("/api/v1/offers/{id}/copy", { params: { path: { id } }, body: { kind } })));
}

export async function putState(id: string, state: Exclude<State, "draft">, day?: string): Promise<Offer> {
  return kept(await ok(api.POST("/api/v1/offers/{id}/state", { params: { path: { id } }, body: { state, day } })));
}

/** Removes a draft; what brings it back begins another one that says the same. */
export async function remove(o: Offer): Promise<() => Promise<Offer>> {
  await ok(api.DELETE("/api/v1/offers/{id}", { params: { path: { id: o.id } } }));
  refresh("deal");
  void client.invalidateQueries({ queryKey: [...offersKey, "of"] });
  return async () => kept(await ok(api.POST("/api/v1/offers", { body: o })));
}

/** Notes what the server answered, and what else shows it. */
function kept(answer: Answered): Offer {
  const o = answer as Offer;
  client.setQueryData(offerKey(o.id), o);
  void client.invalidateQueries({ queryKey: [...offersKey, "of"] });
  refresh("deal");
  return o;
}

export const pdfOf = (id: string) => `/api/v1/offers/${id}/pdf`;

/** The PDF as a file that goes with a mail. */
export async function pdfFile(o: Offer): Promise<File> {
  const answer = await fetch(pdfOf(o.id));
  if (!answer.ok) throw new Error(answer.statusText);
  return new File([await answer.blob()], `${o.number || o.kind}.pdf`, { type: "application/pdf" });
}
