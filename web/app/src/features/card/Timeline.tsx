import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Chip, Group, Skeleton, Text } from "@mantine/core";
import {
  IconArrowDownLeft,
  IconArrowUpRight,
  IconCheckbox,
  IconHistory,
  IconMail,
  IconNote,
  IconPhone,
  IconRobot,
  IconVideo,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useState } from "react";
import { type Activity, api, ok, type Page, plural, type Ref } from "~/api";
import { useUserName } from "~/api/queries";
import { outcomes, word } from "~/app/words";
import { MailEntry } from "~/features/mail/MailEntry";
import { type Recording, useMessages, useRecordings, type VoiceMessage } from "~/features/recordings/queries";
import { day, duration, phone } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import { kindNames, saidOf, through } from "./strings";
import classes from "./Timeline.module.css";

const MessagePlayer = lazy(async () => ({ default: (await import("~/features/recordings/Messages")).MessagePlayer }));
const RecordingPlayer = lazy(async () => ({ default: (await import("~/features/recordings/Player")).RecordingPlayer }));

const icons: Record<string, ComponentType<{ className?: string }>> = {
  call: IconPhone,
  mail: IconMail,
  meeting: IconVideo,
  note: IconNote,
  task: IconCheckbox,
  change: IconHistory,
  automation: IconRobot,
};

/** All that was between the client and the company, newest first. */
export function Timeline({ of: ref, known }: { of: Ref; known: Activity[] }) {
  const { t, i18n } = useLingui();
  const [kind, setKind] = useState("all");
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useTimeline(ref, kind);
  const all = data?.pages.flatMap((p) => p.items) ?? known;
  const shown = all.filter((a) => kind === "all" || a.kind === kind); // also of what is known before
  const days = byDay(shown);
  const left = useMessages().data;
  const recordings = useRecordings(all.flatMap((a) => (a.kind === "call" && a.source ? [a.source] : [])));
  return (
    <section className={classes.timeline} aria-label={t`Timeline`} data-testid="timeline">
      <Chip.Group value={kind} onChange={(v) => setKind(String(v))}>
        <Group gap="xs" className={classes.chips}>
          {Object.entries(kindNames).map(([k, name]) => (
            <Chip key={k} value={k} size="xs" variant="light" icon={null} classNames={{ iconWrapper: classes.noIcon }}>
              {i18n._(name)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {shown.length === 0 && !error && (
        <Text c="dimmed">
          <Trans>Nothing yet. Calls, mails and notes appear here by themselves.</Trans>
        </Text>
      )}
      {days.map(([date, entries]) => (
        <div key={date}>
          <Text size="xs" c="dimmed" className={classes.day}>
            {date}
          </Text>
          {entries.map((a) => (
            <Entry
              key={a.id}
              a={a}
              entity={ref}
              recordings={recordings.get(a.source ?? "")}
              left={left?.find((m) => m.call === a.source)}
            />
          ))}
        </div>
      ))}
      {error && <Failure error={error} retry={() => void refetch()} />}
      {hasNextPage && !error && (
        <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Earlier</Trans>
        </Button>
      )}
    </section>
  );
}

function byDay(all: Activity[]): [string, Activity[]][] {
  const days = new Map<string, Activity[]>();
  for (const a of all) days.set(day(a.at), [...(days.get(day(a.at)) ?? []), a]);
  return [...days];
}

function useTimeline(ref: Ref, kind: string) {
  return useInfiniteQuery({
    queryKey: ["timeline", ref.kind, ref.id, kind],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET(`/api/v1/${plural[ref.kind]}/{id}/timeline`, {
          params: { path: { id: ref.id }, query: { kind: kindOf(kind), after: pageParam || undefined, limit: 30 } },
          signal,
        }),
      ) as Promise<Page<Activity>>,
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

const kindOf = (kind: string) => (kind === "all" ? undefined : (kind as "change"));

type EntryProps = { a: Activity; entity: Ref; recordings: Recording[] | undefined; left: VoiceMessage | undefined };

function Entry({ a, entity, recordings, left }: EntryProps) {
  const { t } = useLingui();
  const who = useUserName(a.user);
  const Icon = icons[a.kind] ?? IconHistory;
  const bad = a.kind === "call" && (a.outcome === "missed" || a.outcome === "failed");
  return (
    <div className={classes.entry} data-bad={bad} data-kind={a.kind} {...step}>
      <span className={classes.mark}>
        <Icon className={classes.icon} />
      </span>
      <div className={classes.body}>
        <div className={classes.line}>
          <Direction a={a} />
          <Summary a={a} />
          <Text span size="xs" c="dimmed" ml="auto">
            <When at={a.at} />
          </Text>
        </div>
        <Suspense fallback={<Skeleton h="var(--fd-row)" />}>
          {recordings?.map((r) => (
            <RecordingPlayer key={r.id} of={r} speakers={[who, t`Client`]} entity={entity} />
          ))}
          {left && <MessagePlayer m={left} />}
        </Suspense>
        {a.kind === "mail" && a.source && !a.private ? (
          <MailEntry a={a} />
        ) : (
          a.body && <Text className={classes.text}>{a.body}</Text>
        )}
      </div>
    </div>
  );
}

function Direction({ a }: { a: Activity }) {
  const { t } = useLingui();
  if (a.kind !== "call" && a.kind !== "mail") return null;
  const Arrow = a.incoming ? IconArrowDownLeft : IconArrowUpRight;
  return <Arrow className={classes.arrow} aria-label={a.incoming ? t`In` : t`Out`} />;
}

/** A mail to or from a mailbox that is not the reader's. */
function Closed({ line }: { line: string }) {
  return (
    <Text span truncate>
      <Trans>Mail with a colleague</Trans>
      <Text span c="dimmed">
        {" "}
        · {line}
      </Text>
    </Text>
  );
}

function Summary({ a }: { a: Activity }) {
  const { t } = useLingui();
  const who = useUserName(a.user);
  const outcome = word(outcomes, a.outcome ?? "");
  const line = a.line && phone(a.line);
  if (a.kind === "call")
    return (
      <Text span truncate title={phone(a.address ?? "")}>
        {a.outcome === "answered" && a.seconds !== undefined ? duration(a.seconds) : outcome}
        <Text span c="dimmed">
          {who && ` · ${who}`}
          {line && ` · ${line}`}
          {a.title && ` · ${a.title}`}
        </Text>
      </Text>
    );
  if (a.kind === "meeting")
    return (
      <Text span truncate>
        {a.title || t`Meeting`}
        {!a.outcome && (
          <Text span c="var(--fd-live)">
            {" "}
            · {outcome}
          </Text>
        )}
        {a.seconds ? (
          <Text span c="dimmed">
            {" "}
            ·{" "}
            <Plural value={Math.max(1, Math.round(a.seconds / 60))} one="# minute" few="# minutes" other="# minutes" />
          </Text>
        ) : null}
      </Text>
    );
  if (a.private) return <Closed line={a.line ?? ""} />;
  return (
    <Text span truncate fw={a.kind === "mail" ? 500 : undefined}>
      {saidOf(a) || who}
      {a.kind === "change" && (
        <Text span c="dimmed" size="xs">
          {who && ` · ${who}`}
          {a.made?.by && ` · ${word(through, a.made.by)}`}
        </Text>
      )}
    </Text>
  );
}
