import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAddressBook, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, type Ref } from "~/api";
import { useMe } from "~/api/queries";
import { cards } from "~/app/card";
import { attempt } from "~/app/live";
import { kinds, word } from "~/app/words";
import classes from "./About.module.css";
import { change, type Meeting, useMeeting } from "./queries";

/** What a meeting is about: its cards at a click; who opened the room, and admins, change it. */
export function About({ room }: { room: string }) {
  const me = useMe();
  const { data: meeting } = useMeeting(room);
  if (!meeting) return null;
  const mine = me?.id === meeting.owner || me?.role === "admin";
  if (!mine && meeting.about.length === 0) return null;
  return (
    <section className={classes.about} data-testid="about">
      <h2 className={classes.title}>
        <Trans>About</Trans>
      </h2>
      {meeting.about.map((a) => (
        <Record key={a.id} meeting={meeting} about={a} mine={mine} />
      ))}
      {mine && <Add meeting={meeting} />}
    </section>
  );
}

function Record({ meeting, about, mine }: { meeting: Meeting; about: Meeting["about"][number]; mine: boolean }) {
  const { t } = useLingui();
  return (
    <div className={classes.record}>
      <button type="button" className={classes.name} onClick={() => cards.show(refOf(about))}>
        <IconAddressBook className={classes.icon} aria-hidden />
        <span className={classes.text}>{about.name}</span>
      </button>
      {mine && (
        <ActionIcon
          size="sm"
          className={classes.remove}
          aria-label={t`Not about ${about.name}`}
          onClick={() =>
            attempt(change(meeting.id, (now) => ({ about: now.about.filter((a) => a.id !== about.id).map(refOf) })))
          }
        >
          <IconX className={classes.icon} />
        </ActionIcon>
      )}
    </div>
  );
}

/** Finds a record and adds it. */
function Add({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const { data } = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
    placeholderData: keepPreviousData,
  });
  const hits = (wanted.length > 1 ? (data?.items ?? []) : []).filter(
    (h) => (h.ref.kind as string) !== "user" && !meeting.about.some((a) => a.id === h.ref.id),
  );
  const add = (id: string | null) => {
    const hit = hits.find((h) => h.ref.id === id);
    setText("");
    if (hit) attempt(change(meeting.id, (now) => ({ about: [...now.about.map(refOf), hit.ref as Ref] })));
  };
  return (
    <Select
      size="xs"
      aria-label={t`Add a client or deal`}
      placeholder={t`Add a client or deal`}
      searchable
      value={null}
      searchValue={text}
      onSearchChange={setText}
      onChange={add}
      filter={({ options }) => options}
      nothingFoundMessage={wanted.length > 1 ? t`Nothing found` : t`Type a number or a name`}
      data={hits.map((h) => ({
        value: h.ref.id,
        label: [h.name, word(kinds, h.ref.kind), h.subtitle].filter(Boolean).join(" · "),
      }))}
    />
  );
}

export const refOf = ({ kind, id }: Meeting["about"][number]): Ref => ({ kind: kind as Ref["kind"], id });
