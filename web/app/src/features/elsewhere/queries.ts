import { api, ok } from "~/api";
import type { components } from "~/api/schema";

type Schemas = components["schemas"];
export type Elsewhere = Schemas["MailboxElsewhere"];
export type Servers = Schemas["MailServers"];

/** The server says "mailbox_elsewhere" when one of them does otherwise than before. */
export const elsewhereKey = ["mailbox_elsewhere"];

export const readElsewhere = async () => (await ok(api.GET("/api/v1/mail/elsewhere"))).items;

/** Where a provider sends the browser back to. */
export const redirect = () => `${location.origin}/mailboxes`;

/** The keys of what a mailbox more, or less, is part of. */
export const boxKeys = [elsewhereKey, ["mailboxes"], ["mail"], ["me"]];
