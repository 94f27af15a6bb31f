/** Whose mail the CRM does not hear of. */
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import type { components } from "~/api/schema";

type Exclusion = components["schemas"]["MailExclusion"];

export const exclusionsKey = ["mail-exclusions"];

const changed = () => client.invalidateQueries({ queryKey: exclusionsKey });

/** Has the CRM not hear of mail from now on, in one mailbox or, "", in all of the company's. */
export async function exclude(pattern: string, mailbox: string): Promise<Exclusion> {
  const made = await ok(api.POST("/api/v1/mail/exclusions", { body: { pattern, mailbox } }));
  void changed();
  return made;
}

/** Has the CRM hear of it again. */
export async function include(id: string): Promise<void> {
  await ok(api.DELETE("/api/v1/mail/exclusions/{id}", { params: { path: { id } } }));
  void changed();
}
