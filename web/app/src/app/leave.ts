import { Problem } from "~/api";
import { client, meQuery } from "~/api/queries";
import { cards } from "./card";
import { live } from "./live";

/**
 * Forgets who was logged in here and what was shown: the page asks for a name and a password. Who it is goes first and is
 * asked anew, not taken out of the cache: whoever watches a query that is no longer there is told nothing.
 */
export async function leave(): Promise<void> {
  live.close();
  cards.close();
  const asked = client.resetQueries({ queryKey: meQuery.queryKey });
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
  client.getMutationCache().clear();
  await asked;
}

/** Leaves when the server no longer knows the session: it was ended elsewhere, or has expired. Until the returned function is called. */
export function leaveWhenEnded(): () => void {
  const known = () => client.getQueryData(meQuery.queryKey) !== undefined;
  return client.getQueryCache().subscribe(({ type, query }) => {
    const { error } = query.state;
    const ended = type === "updated" && error instanceof Problem && error.status === 401;
    if (ended && known()) queueMicrotask(() => known() && void leave());
  });
}
