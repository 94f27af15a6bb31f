import { Problem } from "~/api";
import { client, meQuery } from "~/api/queries";
import { cards } from "./card";
import { live } from "./live";

/** Forgets who was logged in here and what was shown: the page asks for a name and a password. */
export async function leave(): Promise<void> {
  live.close();
  cards.close();
  client.clear();
  await client.resetQueries({ queryKey: meQuery.queryKey });
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
