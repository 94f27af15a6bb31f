import { api, ok, type Ref } from "~/api";
import { cards } from "./card";

/** Opens the card of whoever has a number or address; when nobody has, the pane offers to make one. */
export async function showClient(address: string, name: string, reason: "call" | "mail"): Promise<void> {
  const { items } = await ok(api.GET("/api/v1/search", { params: { query: { q: address } } }));
  const found = items.find((h) => (h.ref.kind as string) !== "user" && h.points.some((p) => p.value === address));
  if (found) return cards.show(found.ref as Ref);
  cards.arrive({ reason, activity: "", match: "none", name, address, cards: [], for: [], responsible: "" });
}
