import { Trans, useLingui } from "@lingui/react/macro";
import { Chip, Group, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import {
  IconArrowDownLeft,
  IconArrowsExchange,
  IconArrowUpRight,
  IconPhone,
  IconSearch,
  IconVideo,
} from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useExtensions, useUsers } from "~/api/queries";
import { showClient } from "~/app/find";
import { attempt } from "~/app/live";
import type { CallSearch } from "~/app/router";
import Messages from "~/features/recordings/Messages";
import { useUnheard } from "~/features/recordings/queries";
import { duration, phone, unset } from "~/i18n/format";
import { type Column, DataTable } from "~/parts/DataTable";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { PhoneLink } from "~/parts/links";
import { Page } from "~/parts/Page";
import { UserTag } from "~/parts/people";
import { When } from "~/parts/When";
import classes from "./Calls.module.css";
import { Disposition } from "./Disposition";
import { Filtered, Filters, filterOf } from "./Filters";
import { Outcome } from "./Outcome";
import { type Call, type CallFilter, useCalls } from "./queries";
import { Reports } from "./Reports";
import { Supervised, useSupervises } from "./Supervised";
import { Waiting } from "./Waiting";
import { Wallboard } from "./Wallboard";

const CallingLists = lazy(() => import("~/features/calling/Lists"));

/** The history of calls. */
export default function Calls() {
  const { t } = useLingui();
  const search = useSearch({ from: "/calls" });
  const { show, q } = search;
  const navigate = useNavigate({ from: "/calls" });
  const supervises = useSupervises();
  const unheard = useUnheard();
  const narrow = (change: Partial<CallSearch>) =>
    void navigate({ search: (s) => ({ ...s, ...change }), replace: true });
  const find = useDebouncedCallback(
    (text: string) => void navigate({ search: (s) => ({ ...s, q: text || undefined }), replace: true }),
    250,
  );
  return (
    <Page
      flush
      title={t`Calls`}
      tabs={
        <Chip.Group
          value={show ?? "all"}
          onChange={(v) =>
            void navigate({
              search: (s) => ({ ...s, show: v === "all" ? undefined : (v as CallSearch["show"]), list: undefined }),
              replace: true,
            })
          }
        >
          <Group gap="xs">
            <Chip value="all" size="xs">
              <Trans>All</Trans>
            </Chip>
            <Chip value="missed" size="xs">
              <Trans context="calls">Missed</Trans>
            </Chip>
            <Chip value="mine" size="xs">
              <Trans>Mine</Trans>
            </Chip>
            {supervises && (
              <Chip value="running" size="xs">
                <Trans context="calls">Running</Trans>
              </Chip>
            )}
            <Chip value="messages" size="xs">
              {unheard ? <Trans>Messages ({unheard})</Trans> : <Trans>Messages</Trans>}
            </Chip>
            <Chip value="queues" size="xs">
              <Trans>Queues</Trans>
            </Chip>
            <Chip value="lists" size="xs">
              <Trans>Calling lists</Trans>
            </Chip>
            <Chip value="reports" size="xs">
              <Trans>Reports</Trans>
            </Chip>
          </Group>
        </Chip.Group>
      }
      actions={
        show !== "messages" &&
        show !== "queues" &&
        show !== "running" &&
        show !== "lists" &&
        show !== "reports" && (
          <>
            <TextInput
              size="xs"
              type="search"
              className={classes.find}
              aria-label={t`Number`}
              placeholder={t`Number`}
              leftSection={<IconSearch className={classes.icon} />}
              defaultValue={q}
              onChange={(e) => find(e.currentTarget.value)}
            />
            <Filters search={search} onChange={narrow} />
          </>
        )
      }
    >
      {show === "messages" ? (
        <Messages />
      ) : show === "queues" ? (
        <Wallboard />
      ) : show === "running" ? (
        <Supervised />
      ) : show === "lists" ? (
        <Suspense fallback={<LateRows />}>
          <CallingLists />
        </Suspense>
      ) : show === "reports" ? (
        <Reports />
      ) : (
        <>
          <Waiting />
          <Filtered search={search} onChange={narrow} />
          <History filter={filterOf(search)} narrowed={narrowed(search)} />
        </>
      )}
    </Page>
  );
}

/** Something is searched for: finding nothing is no sign that there are no calls. */
const narrowed = ({ show: _, list: __, ...rest }: CallSearch) => Object.values(rest).some((v) => v !== undefined);

function History({ filter, narrowed }: { filter: CallFilter; narrowed: boolean }) {
  const { t } = useLingui();
  const { rows, more, isPending, error, refetch } = useCalls(filter);
  const columns = useColumns();
  if (isPending) return <LateRows />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!rows.length && narrowed)
    return (
      <Empty icon={<IconSearch />} title={<Trans>No such calls</Trans>}>
        <Trans>Take a part of the filter away, or look for another number.</Trans>
      </Empty>
    );
  if (!rows.length) {
    return (
      <Empty icon={<IconPhone />} title={<Trans>No calls here yet</Trans>}>
        <Trans>Press d to dial. Calls appear here by themselves, whoever made them.</Trans>
      </Empty>
    );
  }
  const open = (c: Call) => {
    if (c.direction === "in" || c.direction === "out") attempt(showClient(client(c), calledName(c) ?? "", "mail"));
  };
  return <DataTable label={t`Calls`} rows={rows} columns={columns} rowKey={(c) => c.id} onOpen={open} onEnd={more} />;
}

/** The number of the outside party. */
function client(c: Call): string {
  return c.direction === "in" ? c.from : c.to;
}

/** What the client of a call is called, as far as one may know him; undefined where it is with a colleague. */
function calledName(c: Call): string | undefined {
  if (c.direction === "in") return c.from_name;
  return c.direction === "out" ? c.to_name : undefined;
}

function useColumns(): Column<Call>[] {
  const { t } = useLingui();
  return useMemo(
    () => [
      { id: "direction", title: "", width: "var(--fd-icon)", cell: (c) => <Direction c={c} /> },
      { id: "who", title: t`Who`, width: "minmax(0,2fr)", cell: (c) => <Who c={c} /> },
      {
        id: "line",
        title: t`Line`,
        width: "minmax(0,1.2fr)",
        minor: true,
        cell: (c) => (
          <Text span c="dimmed">
            {phone(c.line)}
          </Text>
        ),
      },
      {
        id: "people",
        title: t`Colleague`,
        width: "minmax(0,1.2fr)",
        minor: true,
        cell: (c) => <UserTag id={c.users[0] ?? c.rang[0]} />,
      },
      { id: "outcome", title: t`Outcome`, width: "minmax(0,1.2fr)", cell: (c) => <Outcome c={c} /> },
      {
        id: "result",
        title: t`Result`,
        width: "minmax(0,1.2fr)",
        minor: true,
        cell: (c) =>
          (c.direction === "in" || c.direction === "out") && (
            <Disposition call={c.id} result={c.result ?? ""} next={c.next_step ?? ""} />
          ),
      },
      {
        id: "talked",
        title: t`Talked`,
        width: "var(--fd-col)",
        minor: true,
        end: true,
        cell: (c) =>
          unset(c.answered) || unset(c.ended) ? "" : duration((Date.parse(c.ended) - Date.parse(c.answered)) / 1000),
      },
      { id: "started", title: t`When`, width: "var(--fd-col)", end: true, cell: (c) => <When at={c.started} /> },
    ],
    [t],
  );
}

function Direction({ c }: { c: Call }) {
  const { t } = useLingui();
  if (c.direction === "in")
    return <IconArrowDownLeft className={classes.icon} data-bad={c.outcome === "missed"} aria-label={t`In`} />;
  if (c.direction === "out") return <IconArrowUpRight className={classes.icon} aria-label={t`Out`} />;
  if (c.direction === "meeting") return <IconVideo className={classes.icon} aria-label={t`Meeting`} />;
  return <IconArrowsExchange className={classes.icon} aria-label={t`Internal`} />;
}

function Who({ c }: { c: Call }) {
  const { t } = useLingui();
  const users = useUsers();
  const extensions = useExtensions();
  if (c.direction === "in" && !c.from)
    return (
      <Text span c="dimmed">
        <Trans>Number withheld</Trans>
      </Text>
    );
  if (c.direction === "meeting") return c.to || t`Meeting`; // titles are for those who are invited
  const number = client(c);
  const colleague = extensions.find((e) => e.number === number && e.kind === "user")?.user;
  const name = calledName(c) ?? users.find((u) => u.id === colleague)?.name;
  return (
    <>
      {name && name !== number && (
        <Text span fw={500}>
          {name}{" "}
        </Text>
      )}
      <PhoneLink number={number} />
      {c.meeting && <IconVideo className={classes.into} aria-label={t`Into a meeting`} />}
    </>
  );
}
