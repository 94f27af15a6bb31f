import { msg } from "@lingui/core/macro";

export const newTitles = {
  lead: msg`New lead`,
  deal: msg`New deal`,
  contact: msg`New contact`,
  company: msg`New company`,
};

export const listTitles = { leads: msg`Leads`, deals: msg`Deals`, contacts: msg`Contacts`, companies: msg`Companies` };

/** What each list is for, told while it is empty. */
export const emptyTexts = {
  leads: msg`Whoever calls or writes for the first time becomes a lead here by itself.`,
  deals: msg`A deal is a sale under way. Make one here or from a client's card.`,
  contacts: msg`The people you work with. Their card opens when they call or write.`,
  companies: msg`The organisations your contacts belong to.`,
};
