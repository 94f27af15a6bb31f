import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { attempt } from "~/app/live";
import { complain, offer, say } from "~/app/notify";
import { Why } from "~/features/calling/NeverCall";
import { type Barred, bar, barredKey, byHandKey, unbar, useByHand } from "~/features/calling/queries";
import { phone } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { Row, Section, useDo } from "./parts";
import classes from "./Settings.module.css";

/** The numbers that asked not to be called, and what becomes of calls that people dial there. */
export function DoNotCall() {
  return (
    <Section
      title={<Trans>Asked not to be called</Trans>}
      about={
        <Trans>
          Calling lists leave these numbers out. They are kept by themselves: whoever deletes a client, or makes it
          again, changes nothing here. Their calls to you ring as ever, and emergency numbers are always called.
        </Trans>
      }
    >
      <ByHand />
      <Add />
      <All />
    </Section>
  );
}

function ByHand() {
  const { t } = useLingui();
  const now = useByHand();
  const save = useDo(
    (by_hand: "ask" | "refuse") => ok(api.PUT("/api/v1/do-not-call/by-hand", { body: { by_hand } })),
    [byHandKey],
    () => say(msg`Saved`),
  );
  return (
    <Radio.Group
      label={t`When somebody dials such a number`}
      value={now ?? null}
      onChange={(v) => save.mutate(v as "ask" | "refuse")}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="ask" label={t`Ask whether it is meant: in the browser, and by a key on desk phones`} />
        <Radio value="refuse" label={t`Do not call`} />
      </Stack>
    </Radio.Group>
  );
}

function Add() {
  const { t } = useLingui();
  const [number, setNumber] = useState("");
  const [why, setWhy] = useState("");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    bar(number, why.trim()).then(() => {
      setNumber("");
      setWhy("");
    }, complain);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t`Number`}
          required
          maxLength={60}
          value={number}
          onChange={(e) => setNumber(e.currentTarget.value)}
        />
        <TextInput
          label={t`Why`}
          flex={1}
          maxLength={500}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
        />
        <Button type="submit" size="sm" variant="default">
          <Trans>Add</Trans>
        </Button>
      </Group>
    </form>
  );
}

function All() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...barredKey, "all"],
    queryFn: ({ pageParam }) =>
      ok(api.GET("/api/v1/do-not-call", { params: { query: { after: pageParam || undefined, limit: 100 } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={3} />;
  const all = data.pages.flatMap((p) => p.items);
  return (
    <>
      <ul className={classes.rows}>
        {all.length ? (
          all.map((b) => <One key={b.number} b={b} />)
        ) : (
          <li className={classes.none}>
            <Trans>
              Nobody asked for it yet. It is said on the card, beside the number, or after a call of a list.
            </Trans>
          </li>
        )}
      </ul>
      {hasNextPage && (
        <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>More</Trans>
        </Button>
      )}
    </>
  );
}

function One({ b }: { b: Barred }) {
  const { t } = useLingui();
  const lift = () =>
    attempt(
      unbar(b.number).then(() =>
        offer(msg`${phone(b.number)} may be called again`, () => attempt(bar(b.number, b.why ?? ""))),
      ),
    );
  return (
    <Row title={<Text span>{phone(b.number)}</Text>} detail={<Why of={b} />}>
      <ActionIcon aria-label={t`${phone(b.number)} may be called again`} onClick={lift}>
        <IconTrash />
      </ActionIcon>
    </Row>
  );
}
