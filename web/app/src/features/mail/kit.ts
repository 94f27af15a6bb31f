/** What mails are written with: signatures and templates. */
import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { stale } from "~/app/live";
import type { Words } from "./keeper";
import { useMailboxes } from "./queries";

type Schemas = components["schemas"];
export type Template = Schemas["Template"];
export type TemplateInput = Omit<Schemas["TemplateInput"], "$schema">;
export type Signature = Schemas["Signature"];

export const useSignatures = () =>
  useQuery({
    queryKey: ["mail-kit", "signatures"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/signatures"))).items,
    staleTime: 600_000,
  }).data;

/** The signature below what is sent from an address of ours; undefined while it is read. */
export function useSigned(): ((address: string) => string) | undefined {
  const boxes = useMailboxes();
  const all = useSignatures();
  return (
    all &&
    ((address) => {
      const of = all.find((s) => s.mailbox === boxes.find((b) => b.address === address)?.id);
      return of?.own || of?.common || "";
    })
  );
}

export const useTemplates = (enabled: boolean) =>
  useQuery({
    queryKey: ["mail-kit", "templates"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/templates"))).items,
    enabled,
  });

export async function saveSignature(mailbox: string, html: string, common: boolean): Promise<void> {
  const path = { id: mailbox };
  await ok(api.PUT("/api/v1/mail/mailboxes/{id}/signature", { params: { path }, body: { html, common } }));
  stale("mail-kit");
}

export async function saveTemplate(id: string, body: TemplateInput): Promise<void> {
  if (id) await ok(api.PUT("/api/v1/mail/templates/{id}", { params: { path: { id } }, body }));
  else await ok(api.POST("/api/v1/mail/templates", { body }));
  stale("mail-kit");
}

export async function deleteTemplate(id: string): Promise<void> {
  await ok(api.DELETE("/api/v1/mail/templates/{id}", { params: { path: { id } } }));
  stale("mail-kit");
}

/** A template with what is known of whom the mail is for. */
export const fillTemplate = (id: string, { from, to }: Words) =>
  ok(api.POST("/api/v1/mail/templates/{id}/fill", { params: { path: { id } }, body: { from, to: bare(to[0] ?? "") } }));

/** The address of a recipient as he is written. */
const bare = (recipient: string) => /<([^<>]+)>\s*$/.exec(recipient)?.[1] ?? recipient;
