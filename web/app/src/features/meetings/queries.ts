import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, ok, Problem, type Ref } from "~/api";
import { stale } from "~/app/live";

export type Meeting = Awaited<ReturnType<typeof readMeeting>>;

const readMeeting = (id: string) => ok(api.GET("/api/v1/meetings/{id}", { params: { path: { id } } }));

/** How often who is inside is asked for while it is shown, in ms: only those inside are told. */
const looks = 5000;

/** A room: its title, who opened it, what it is about; and who is inside, kept up to date where that is shown. */
export function useMeeting(id: string, watched = false) {
  return useQuery({
    queryKey: ["meetings", id],
    queryFn: () => readMeeting(id),
    retry: false,
    refetchInterval: (q) => watched && !q.state.error && looks,
  });
}

/** The newest of our rooms about a record. */
export const readMeetingsAbout = async (about: string) =>
  (await ok(api.GET("/api/v1/meetings", { params: { query: { about } } }))).items;

const none: Meeting[] = [];

/** The rooms that we opened or are invited to, the newest first, growing as one scrolls. */
export function useMeetings(limit = 50) {
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["meetings", { limit }],
    queryFn: ({ pageParam, signal }) =>
      ok(api.GET("/api/v1/meetings", { params: { query: { after: pageParam || undefined, limit } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 2 * looks,
  });
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items) ?? none, [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows, more, isPending, error, refetch };
}

type Change = { about?: Ref[]; people?: string[] };

/** Changes a room as it is now; where a colleague was faster, as it is then: both changes stay. */
export async function change(id: string, to: (now: Meeting) => Change): Promise<void> {
  for (let again = 3; ; again--) {
    const now = await readMeeting(id);
    const body = { ...to(now), version: now.version };
    try {
      await ok(api.PATCH("/api/v1/meetings/{id}", { params: { path: { id } }, body }));
      return stale("meeting");
    } catch (err) {
      if (!(err instanceof Problem && err.status === 409) || again === 0) throw err;
    }
  }
}
