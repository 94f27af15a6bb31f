import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { complain } from "~/app/notify";
import { LateRows } from "~/parts/Late";
import { begin, sentOn } from "./begin";
import { beginDraft, readDraft, resumeDraft } from "./drafts";
import { filesOn } from "./forward";
import type { SavedDraft } from "./keeper";
import { useSigned } from "./kit";
import { type Message, useMailboxes } from "./queries";
import { Writer } from "./Writer";

type Props = {
  start?: { to?: string[]; subject?: string; html?: string; files?: File[] };
  /** What this mail is told apart by from others that are begun, while it is not stored. */
  name?: string;
  /** Id of the offer or invoice that it takes to a client. */
  takes?: string;
  answers?: Message;
  all?: boolean;
  /** A message that is sent on, with its files. */
  forwards?: Message;
  /** Id of a draft to go on with. */
  draft?: string;
  /** Hears the id of the draft when it is stored first. */
  onSaved?: (id: string) => void;
  onDone: () => void;
};

/** Writes a mail or an answer, where one is. Ctrl-Enter sends; what is typed is a draft on the server until then. */
export default function Composer(props: Props) {
  const boxes = useMailboxes();
  const [draft, setDraft] = useState(props.draft); // a new mail becomes a draft while it is written: that changes nothing here
  const [fresh, setFresh] = useState(0);
  const signed = useSigned();
  if (!boxes.length)
    return (
      <Text c="dimmed">
        <Trans>You have no mailbox yet. An administrator can give you one in Settings → Mail.</Trans>
      </Text>
    );
  if (!signed) return <LateRows count={4} />;
  const reread = (id: string) => {
    setDraft(id);
    setFresh(fresh + 1);
  };
  return draft ? (
    <Resumed key={fresh} {...props} id={draft} nth={fresh} signed={signed} onReread={reread} />
  ) : (
    <Begun {...props} signed={signed} onReread={reread} />
  );
}

type Inner = Props & { onReread: (id: string) => void; signed: (address: string) => string };

/** A new mail or answer. */
function Begun({ start, name, answers, all, forwards, signed, ...rest }: Inner) {
  const boxes = useMailboxes();
  const [keeper] = useState(() => {
    const key = forwards ? `forward ${forwards.id}` : (answers?.id ?? name ?? "new");
    const { words, files } = forwards
      ? sentOn(boxes, signed, forwards)
      : begin(boxes, signed, start?.to ?? [], answers, all);
    const { subject = words.subject, html = words.html } = start ?? {};
    return beginDraft(key, { ...words, subject, html }, files);
  });
  useEffect(() => {
    if (start?.files?.length && !keeper.state.get().stored.length) keeper.attach(start.files);
  }, [start, keeper]);
  useEffect(() => {
    if (forwards) filesOn(forwards).then((files) => files.length && keeper.attach(files), complain);
  }, [forwards, keeper]);
  return <Writer keeper={keeper} signed={signed} quoteOpen={forwards !== undefined} {...rest} />;
}

/** A draft that is stored; this tab reads it once, so that nothing moves under the writer's hands. */
function Resumed({ id, nth, ...rest }: Inner & { id: string; nth: number }) {
  const { data, error } = useQuery({
    queryKey: ["draft", id, nth],
    queryFn: () => readDraft(id),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (error)
    return (
      <Text c="dimmed">
        <Trans>This draft was sent or deleted.</Trans>
      </Text>
    );
  if (!data) return <LateRows count={4} />;
  return <Opened saved={data} {...rest} />;
}

function Opened({ saved, ...rest }: Inner & { saved: SavedDraft }) {
  const [keeper] = useState(() => resumeDraft(saved));
  return <Writer keeper={keeper} formatted={saved.formatted} {...rest} />;
}
