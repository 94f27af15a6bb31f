/** Lines of a document while somebody types them. */
import type { Line, Product } from "./queries";

export type Typed = Line & { key: number };

let keys = 0;

export const blank = (tax: number): Typed => ({
  key: ++keys,
  name: "",
  quantity: 1000,
  price: 0,
  tax,
  net: 0,
});

export const keyed = (lines: Line[]): Typed[] => lines.map((l) => ({ ...l, key: ++keys }));

/** A line that says nothing yet is none. */
export const said = (l: Line): boolean => l.name.trim() !== "" || l.price !== 0;

/** The lines as the server takes them. */
export const sent = (lines: Typed[]): Line[] => lines.filter(said).map(({ key: _, ...l }) => l);

/** A line of a product: its words and price, the quantity as it is. A price in another currency is not taken. */
export function filled(l: Typed, p: Product, currency: string): Typed {
  const price = p.currency === currency ? p.price : 0;
  return { ...l, product: p.id, name: p.name, unit: p.unit, price, tax: p.tax };
}

/** A number that was typed, in parts of which so many are one; of anything else none. */
export function parts(typed: number | string, of: number): number {
  const n = Math.round(Number(typed) * of);
  return Number.isFinite(n) ? n : 0;
}
