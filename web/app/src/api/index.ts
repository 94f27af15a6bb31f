import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type Department = Schemas["Department"];
export type Contact = Schemas["Contact"];
export type Company = Schemas["Company"];
export type Lead = Schemas["Lead"];
export type Deal = Schemas["Deal"];
export type Pipeline = Schemas["Pipeline"];
export type Stage = Schemas["Stage"];
export type Point = Schemas["Point"];
export type Kind = "contact" | "company" | "lead" | "deal";
export type Ref = { kind: Kind; id: string };
export type Activity = Omit<Schemas["Activity"], "entities"> & { entities: Ref[] };
export type CardView = Omit<Schemas["CardView"], "ref" | "tasks" | "timeline"> & {
  ref: Ref;
  tasks: Activity[];
  timeline: Activity[];
};
export type Page<T> = { items: T[]; next: string };

/** Path of each kind of record in the API and in the address bar. */
export const plural = { contact: "contacts", company: "companies", lead: "leads", deal: "deals" } as const;
export type Plural = (typeof plural)[keyof typeof plural];

/** What the server answered instead of doing it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly wait?: number, // ms after which to ask again, where the server says so
  ) {
    super(message);
    this.name = "Problem";
  }
}

export const api = createClient<paths>({ baseUrl: "/" });

type Answer<T> = { data?: T; error?: unknown; response: Response };
type ProblemBody = { title?: string; detail?: string; errors?: { message?: string; location?: string }[] };

/** The body of a good answer; rejects with Problem on any other. */
export async function ok<T>(asking: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asking;
  if (response.ok) return data as T;
  throw problem(response.status, (error ?? {}) as ProblemBody, response.headers.get("Retry-After"));
}

/** The refusal that an answer's body tells of; after is its Retry-After, in seconds. */
export function problem(status: number, body: ProblemBody, after?: string | null): Problem {
  const fields = (body.errors ?? []).map((e) => [(e.location ?? "").replace(/^body\.?/, ""), e.message ?? ""] as const);
  const message = fields.length
    ? fields.map(([, text]) => text).join(". ")
    : body.detail || body.title || String(status);
  const wait = after ? Number(after) * 1000 : undefined;
  return new Problem(status, message, Object.fromEntries(fields), wait);
}
