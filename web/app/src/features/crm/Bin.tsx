import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Kind, ok } from "~/api";
import { client, useMe } from "~/api/queries";
import type { components } from "~/api/schema";
import { complain, say } from "~/app/notify";
import { kinds, word } from "~/app/words";
import { DeleteButton } from "~/parts/deeds";
import { Empty, Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Page } from "~/parts/Page";
import { UserTag } from "~/parts/people";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./Bin.module.css";
import { binKey, useRestore } from "./deleting";
import { listTitles } from "./strings";

type Deleted = components["schemas"]["Deleted"];

/** What was deleted, to be brought back. */
export default function BinPage() {
  const { t, i18n } = useLingui();
  const [kind, setKind] = useState<Kind | "">("");
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [...binKey, kind],
    queryFn: ({ pageParam }) =>
      ok(api.GET("/api/v1/bin", { params: { query: { kind: kind || undefined, after: pageParam || undefined } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
  const rows = data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Page
      title={t`Bin`}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t`Kind`}
          value={kind}
          onChange={(v) => setKind(v as Kind | "")}
          data={[
            { value: "", label: t`All` },
            { value: "lead", label: i18n._(listTitles.leads) },
            { value: "deal", label: i18n._(listTitles.deals) },
            { value: "contact", label: i18n._(listTitles.contacts) },
            { value: "company", label: i18n._(listTitles.companies) },
          ]}
        />
      }
    >
      {isPending && <LateRows />}
      {error && <Failure error={error} retry={() => void refetch()} />}
      {data && !rows.length && (
        <Empty icon={<IconTrash />} title={<Trans>The bin is empty</Trans>}>
          <Trans>
            Leads, deals, contacts and companies that somebody deletes wait here for a while, with all that belongs to
            them. Callers are not taken for them meanwhile.
          </Trans>
        </Empty>
      )}
      {rows.length > 0 && (
        <ul className={classes.rows} aria-label={t`Bin`}>
          {rows.map((d) => (
            <Row key={d.id} of={d} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Earlier</Trans>
        </Button>
      )}
    </Page>
  );
}

function Row({ of: d }: { of: Deleted }) {
  const { t } = useLingui();
  const admin = useMe()?.role === "admin";
  const restore = useRestore();
  const erase = useMutation({
    mutationFn: () => ok(api.DELETE("/api/v1/bin/{id}", { params: { path: { id: d.id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: binKey });
      say(msg`Deleted for good`);
    },
    onError: complain,
  });
  const name = d.name;
  return (
    <li className={classes.row} {...step}>
      <span className={classes.name}>
        <Text span fw={500} truncate>
          {name}
        </Text>
        <Text span c="dimmed" size="xs">
          {word(kinds, d.kind)}
          {d.cause === "import" && (
            <>
              {" · "}
              <Trans>an import was taken back</Trans>
            </>
          )}
          {d.cause === "merge" && (
            <>
              {" · "}
              <Trans>merged into another</Trans>
            </>
          )}
        </Text>
      </span>
      <span className={classes.who}>
        <UserTag id={d.by} />
      </span>
      <Text span c="dimmed" size="sm" className={classes.when}>
        <When at={d.at} />
      </Text>
      <Button
        variant="default"
        data-open
        aria-label={d.cause === "merge" ? t`Take the merge of ${name} back` : t`Restore: ${name}`}
        loading={restore.isPending}
        onClick={() => restore.mutate(d.id)}
      >
        {d.cause === "merge" ? <Trans>Take the merge back</Trans> : <Trans>Restore</Trans>}
      </Button>
      {admin && (
        <DeleteButton
          onDelete={() => erase.mutate()}
          label={<Trans>Delete for good</Trans>}
          sure={<Trans>Really delete for good</Trans>}
        />
      )}
    </li>
  );
}
