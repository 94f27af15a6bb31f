/** Amounts as the API gives them: in hundredths of their currency's unit. */
export type Money = { amount: number; currency: string };

/** The currency of a deal that nobody gave another, as at the server. */
export const usual = "EUR";
