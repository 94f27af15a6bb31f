import { paragraphs } from "~/features/mail/letter";
import type { Offer } from "./queries";

/** What the mail says that takes a document to its client: in the document's language, whoever sends it. */
export function letterOf(o: Pick<Offer, "kind" | "number" | "language">): { subject: string; html: string } {
  const said = words[o.language]?.[o.kind] ?? words.en!.offer!;
  const [subject, text] = said.map((s) => s.replace("{n}", o.number)) as [string, string];
  return { subject, html: paragraphs(text) };
}

const words: Record<string, Record<string, [string, string]>> = {
  en: {
    offer: [
      "Offer {n}",
      "Good day,\n\nplease find our offer {n} attached. I will gladly answer any question.\n\nKind regards",
    ],
    invoice: ["Invoice {n}", "Good day,\n\nplease find our invoice {n} attached.\n\nKind regards"],
  },
  ro: {
    offer: [
      "Oferta {n}",
      "Bună ziua,\n\nvă trimitem atașată oferta noastră {n}. Vă stau la dispoziție pentru orice întrebare.\n\nCu stimă",
    ],
    invoice: ["Factura {n}", "Bună ziua,\n\nvă trimitem atașată factura noastră {n}.\n\nCu stimă"],
  },
  ru: {
    offer: [
      "Коммерческое предложение {n}",
      "Здравствуйте!\n\nНаправляем вам коммерческое предложение {n} во вложении. С удовольствием отвечу на ваши вопросы.\n\nС уважением",
    ],
    invoice: ["Счёт {n}", "Здравствуйте!\n\nНаправляем вам счёт {n} во вложении.\n\nС уважением"],
  },
};
