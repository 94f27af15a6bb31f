import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Kbd, Select, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type SyntheticEvent, useEffect, useState } from "react";
import { api, ok } from "~/api";
import { complain, say } from "~/app/notify";
import { useStore } from "~/live/store";
import { LateRows } from "~/parts/Late";
import { type Attach, AttachButton, Attachments } from "./Attachments";
import classes from "./Composer.module.css";
import { DraftStatus } from "./DraftStatus";
import { beginDraft, dropDraft, leaveDraft, quoteOf, readDraft, resumeDraft, sendDraft } from "./drafts";
import { filesOf, fits } from "./files";
import { filesOn, forwarded } from "./forward";
import type { DraftState, Keeper, Words } from "./keeper";
import { addressesIn, answerTo, replySubject } from "./people";
import { type Message, useMailboxes, useMessage } from "./queries";

type Props = {
  start?: { to?: string[] };
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
export function Composer(props: Props) {
  const boxes = useMailboxes();
  const [draft, setDraft] = useState(props.draft); // a new mail becomes a draft while it is written: that changes nothing here
  const [fresh, setFresh] = useState(0);
  if (!boxes.length)
    return (
      <Text c="dimmed">
        <Trans>You have no mailbox yet. An administrator can give you one in Settings → Mail.</Trans>
      </Text>
    );
  const reread = (id: string) => {
    setDraft(id);
    setFresh(fresh + 1);
  };
  return draft ? (
    <Resumed key={fresh} {...props} id={draft} nth={fresh} onReread={reread} />
  ) : (
    <Begun {...props} onReread={reread} />
  );
}

type Inner = Props & { onReread: (id: string) => void };

/** A new mail or answer. */
function Begun({ start, answers, all, forwards, ...rest }: Inner) {
  const own = useMailboxes().map((b) => b.address);
  const [keeper] = useState(() => {
    if (forwards) return beginDraft(`forward ${forwards.id}`, sentOn(own, forwards), undefined);
    return beginDraft(answers?.id ?? "new", begin(own, start, answers, all), answers);
  });
  useEffect(() => {
    if (forwards) filesOn(forwards).then((files) => files.length && keeper.attach(files), complain);
  }, [forwards, keeper]);
  return <Writer keeper={keeper} {...rest} />;
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
  const answered = useMessage(data?.reply ?? "", false);
  if (error)
    return (
      <Text c="dimmed">
        <Trans>This draft was sent or deleted.</Trans>
      </Text>
    );
  if (!data || (data.reply && answered.isPending)) return <LateRows count={4} />;
  return <Opened saved={data} answers={data.reply ? answered.data : undefined} {...rest} />;
}

type OpenedProps = Omit<Inner, "answers"> & { saved: Parameters<typeof resumeDraft>[0]; answers: Message | undefined };

function Opened({ saved, answers, ...rest }: OpenedProps) {
  const [keeper] = useState(() => resumeDraft(saved, answers));
  return <Writer keeper={keeper} formatted={saved.formatted} {...rest} />;
}

type WriterProps = Pick<Inner, "onSaved" | "onDone" | "onReread"> & { keeper: Keeper; formatted?: boolean };

function Writer({ keeper, formatted, onSaved, onDone, onReread }: WriterProps) {
  const { t } = useLingui();
  const boxes = useMailboxes();
  const draft = useStore(keeper.state, (s) => s);
  const { words } = draft;
  const [withCc, setWithCc] = useState(words.cc.length + words.bcc.length > 0);
  const [over, setOver] = useState(false);
  const limits = useLimits();
  useKept(keeper, draft.id, onSaved);
  const tooBig = !fitsIn(limits, draft);
  const set = (change: Partial<Words>) => keeper.write(change);
  const send = useMutation({
    mutationFn: () => sendDraft(keeper),
    onSuccess: () => {
      say(msg`Mail sent`);
      onDone();
    },
    onError: complain,
  });
  const drop = useMutation({ mutationFn: () => dropDraft(keeper), onSuccess: onDone, onError: complain });
  const busy = send.isPending || drop.isPending;
  const taken = (e: SyntheticEvent, data: DataTransfer) => {
    const dropped = filesOf(data);
    if (!dropped.length) return;
    e.preventDefault();
    keeper.attach(dropped);
  };
  const keys = (e: KeyboardEvent<HTMLFormElement>) => {
    if (e.key === "Enter" && e.ctrlKey) e.currentTarget.requestSubmit();
  };
  return (
    <form
      className={classes.composer}
      aria-label={words.reply ? t`Answer` : t`New mail`}
      data-testid="composer"
      data-draft={draft.status}
      data-over={over}
      onKeyDown={keys}
      onPaste={(e) => taken(e, e.clipboardData)}
      onDragOver={(e) => {
        if (!e.dataTransfer.types.includes("Files")) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        setOver(false);
        taken(e, e.dataTransfer);
      }}
      onSubmit={(e) => {
        e.preventDefault();
        if (words.to.length && !tooBig && !busy) send.mutate();
      }}
    >
      <fieldset className={classes.fields} disabled={busy}>
        {boxes.length > 1 && (
          <Select
            size="xs"
            aria-label={t`From`}
            leftSection={<Trans>From</Trans>}
            leftSectionWidth="var(--fd-callbar)"
            value={words.from}
            data={boxes.map((b) => b.address)}
            onChange={(v) => v && set({ from: v })}
          />
        )}
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Addresses label={t`To`} value={words.to} onChange={(to) => set({ to })} autoFocus={!words.to.length} />
          {!withCc && (
            <Button variant="subtle" color="gray" onClick={() => setWithCc(true)}>
              Cc
            </Button>
          )}
        </Group>
        {withCc && (
          <>
            <Addresses label="Cc" value={words.cc} onChange={(cc) => set({ cc })} />
            <Addresses label="Bcc" value={words.bcc} onChange={(bcc) => set({ bcc })} />
          </>
        )}
        {!words.reply && (
          <TextInput
            size="xs"
            aria-label={t`Subject`}
            placeholder={t`Subject`}
            value={words.subject}
            onChange={(e) => set({ subject: e.currentTarget.value })}
          />
        )}
        <Textarea
          aria-label={t`Text`}
          placeholder={t`Text`}
          autosize
          minRows={5}
          maxRows={16}
          autoFocus={words.to.length > 0}
          value={words.text}
          onChange={(e) => set({ text: e.currentTarget.value })}
        />
        {formatted && (
          <Text size="xs" c="dimmed">
            <Trans>Another mail program formatted this draft. It is sent as it is, unless you change it here.</Trans>
          </Text>
        )}
        <Attachments
          stored={draft.stored}
          fresh={draft.fresh}
          onRemove={(f) => keeper.detach(f)}
          limit={limits.max_size}
          tooBig={tooBig}
          sent={draft.progress}
        />
        <Group gap="sm">
          <Button
            type="submit"
            loading={send.isPending}
            disabled={!words.to.length || tooBig || busy}
            rightSection={<Kbd size="xs">Ctrl ↵</Kbd>}
          >
            <Trans>Send</Trans>
          </Button>
          <Button variant="subtle" color="gray" onClick={() => drop.mutate()}>
            <Trans>Drop</Trans>
          </Button>
          <AttachButton onFiles={(files) => keeper.attach(files)} disabled={busy} />
          <DraftStatus keeper={keeper} onReread={onReread} onDone={onDone} />
        </Group>
      </fieldset>
    </form>
  );
}

/** Tells of the first save, saves the rest when the writer goes away, and warns who closes the tab too early. */
function useKept(keeper: Keeper, id: string, onSaved: Props["onSaved"]): void {
  const [first] = useState(id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: onSaved is another function each time
  useEffect(() => {
    if (id && id !== first) onSaved?.(id);
  }, [id]);
  useEffect(() => {
    const warn = (e: BeforeUnloadEvent) => {
      if (keeper.dirty && keeper.state.get().fresh.length) e.preventDefault();
    };
    const save = () => void keeper.flush().catch(() => {});
    window.addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", save);
    return () => {
      window.removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", save);
      leaveDraft(keeper);
    };
  }, [keeper]);
}

/** How much a mail can carry. */
function useLimits() {
  const limits = useQuery({
    queryKey: ["mail-limits"],
    queryFn: () => ok(api.GET("/api/v1/mail/limits")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return limits.data ?? { max_size: Number.POSITIVE_INFINITY, max_files: 100 };
}

function fitsIn(limits: { max_size: number; max_files: number }, { stored, fresh, words }: DraftState): boolean {
  const files: Attach[] = [...stored, ...fresh];
  return files.length <= limits.max_files && fits(files, limits.max_size, words.text.length + words.quote.length);
}

type AddressesProps = { label: string; value: string[]; onChange: (value: string[]) => void; autoFocus?: boolean };

/** Addresses, suggested from the clients. */
function Addresses({ label, value, onChange, autoFocus }: AddressesProps) {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
  });
  const hits = found.data?.items.flatMap((h) => h.points.filter((p) => p.kind === "email").map((p) => p.value)) ?? [];
  return (
    <TagsInput
      size="xs"
      flex={1}
      aria-label={label}
      placeholder={value.length ? undefined : label}
      value={value}
      onChange={onChange}
      searchValue={text}
      onSearchChange={setText}
      data={[...new Set(hits)]}
      filter={({ options }) => options}
      splitChars={[",", ";", " "]}
      onPaste={(e) => {
        const pasted = addressesIn(e.clipboardData.getData("text"));
        if (pasted.length === 0) return;
        e.preventDefault();
        onChange([...new Set([...value, ...pasted])]);
      }}
      acceptValueOnBlur
      autoFocus={autoFocus}
    />
  );
}

function begin(own: string[], start: Props["start"], m: Message | undefined, all: boolean | undefined): Words {
  const none = { cc: [], bcc: [], subject: "", text: "", quote: "", reply: "" };
  if (!m) return { ...none, from: own[0] ?? "", to: start?.to ?? [] };
  const subject = replySubject(m.subject);
  return {
    ...none,
    from: ownAddress(own, m),
    ...answerTo(m, own, all ?? false),
    subject,
    quote: quoteOf(m),
    reply: m.id,
  };
}

/** A message as it is sent on: its text below a head that says whose it was. */
function sentOn(own: string[], m: Message): Words {
  const subject = `Fwd: ${m.subject.replace(/^((fwd?|wg|пересл)\s*:\s*)+/i, "")}`;
  const text = `\n\n${forwarded(m)}`;
  return { from: ownAddress(own, m), to: [], cc: [], bcc: [], subject, text, quote: "", reply: "" };
}

/** The address of ours that the message came to or went out from; the first one otherwise. */
function ownAddress(own: string[], m: Message): string {
  const named = [m.from, ...m.to, ...m.cc].map((p) => p.address);
  return own.find((a) => named.includes(a)) ?? own[0] ?? "";
}
