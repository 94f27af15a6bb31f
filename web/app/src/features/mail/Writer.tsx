import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, lazy, Suspense, type SyntheticEvent, useEffect, useRef, useState } from "react";
import { api, ok } from "~/api";
import { stale } from "~/app/live";
import { complain } from "~/app/notify";
import { useStore } from "~/live/store";
import { Addresses } from "./Addresses";
import { type Attach, AttachButton, Attachments } from "./Attachments";
import { Crossing, crosses } from "./Clash";
import classes from "./Composer.module.css";
import { DraftStatus } from "./DraftStatus";
import { dropDraft, leaveDraft, sendDraft, take } from "./drafts";
import type { Pen } from "./Editor";
import { filesOf, fits } from "./files";
import type { DraftState, Keeper, Words } from "./keeper";
import { openPlaces, paragraphs } from "./letter";
import { idOf } from "./pictures";
import { Quote } from "./Quote";
import { useMailboxes } from "./queries";
import { SendButton } from "./SendButton";
import { TemplateMenu } from "./TemplateMenu";
import Undeliverable from "./Undeliverable";

type Props = {
  keeper: Keeper;
  /** Another mail program wrote it. */
  formatted?: boolean;
  quoteOpen?: boolean;
  /** The signature below what is sent from an address of ours. */
  signed: (address: string) => string;
  /** Id of the offer or invoice that it takes to a client. */
  takes?: string;
  /** Hears the id of the draft when it is stored first. */
  onSaved?: (id: string) => void;
  onDone: () => void;
  onReread: (id: string) => void;
};

const Editor = lazy(() => import("./Editor"));
const KitDialog = lazy(() => import("./KitDialog"));

/** The form that a mail is written in. */
export function Writer({ keeper, formatted, quoteOpen, signed, takes, onSaved, onDone, onReread }: Props) {
  const { t } = useLingui();
  const boxes = useMailboxes();
  const draft = useStore(keeper.state, (s) => s);
  const { words } = draft;
  const [withCc, setWithCc] = useState(words.cc.length + words.bcc.length > 0);
  const [over, setOver] = useState(false);
  const limits = useLimits();
  useKept(keeper, draft.id, (id) => {
    if (takes) take(id, takes).catch(complain);
    onSaved?.(id);
  });
  const tooBig = !fitsIn(limits, draft);
  const set = (change: Partial<Words>) => keeper.write(change);
  const navigate = useNavigate();
  const again = (id: string) => void navigate({ to: "/mail", search: { draft: id } });
  const [remind, setRemind] = useState<Date>();
  const send = useMutation({
    mutationFn: ({ at, anyway }: { at?: Date; anyway?: boolean }) =>
      sendDraft(keeper, { at, remind, anyway, takes }, again),
    onSuccess: onDone,
    onError: (err) => (crosses(err) ? stale("team") : complain(err)),
  });
  const drop = useMutation({ mutationFn: () => dropDraft(keeper), onSuccess: onDone, onError: complain });
  const busy = send.isPending || drop.isPending;
  const pen = useRef<Pen>(undefined);
  const [autoFocus] = useState(words.to.length > 0);
  const [open, setOpen] = useState<string[]>([]);
  const [keeping, setKeeping] = useState(false);
  const submit = (sure = false, at?: Date) => {
    if (!words.to.length || tooBig || busy) return;
    const places = openPlaces(words.subject, words.html);
    setOpen(places);
    if (sure || !places.length) send.mutate({ at });
  };
  const taken = (e: SyntheticEvent, data: DataTransfer) => {
    const dropped = filesOf(data);
    if (!dropped.length) return;
    e.preventDefault();
    keeper.attach(dropped);
  };
  const keys = (e: KeyboardEvent<HTMLFormElement>) => {
    if (e.key === "Enter" && e.ctrlKey) e.currentTarget.requestSubmit();
  };
  const form = (
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
        e.stopPropagation();
        submit();
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
            onChange={(v) =>
              v && set({ from: v, ...(words.signature === signed(words.from) && { signature: signed(v) }) })
            }
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
        <Undeliverable among={[...words.to, ...words.cc, ...words.bcc]} />
        {!words.reply && (
          <TextInput
            size="xs"
            aria-label={t`Subject`}
            placeholder={t`Subject`}
            value={words.subject}
            onChange={(e) => set({ subject: e.currentTarget.value })}
          />
        )}
        <Suspense fallback={<Early words={words} label={t`Text`} onChange={(html) => set({ html })} />}>
          <Editor
            html={words.html}
            label={t`Text`}
            autoFocus={autoFocus}
            onChange={(html) => set({ html })}
            onFiles={(files) => keeper.attach(files)}
            onPen={(p) => {
              pen.current = p;
            }}
          />
        </Suspense>
        {words.signature && (
          <Quote html={words.signature} label={t`Signature`} onRemove={() => set({ signature: "" })} />
        )}
        {words.quote && (
          <Quote
            html={words.quote}
            open={quoteOpen}
            label={words.reply ? t`Quoted mail` : t`Forwarded mail`}
            onRemove={() => set({ quote: "" })}
          />
        )}
        {formatted && (
          <Text size="xs" c="dimmed">
            <Trans>Another mail program formatted this draft. It is sent as it is, unless you change it here.</Trans>
          </Text>
        )}
        <Attachments
          stored={draft.stored.filter((f) => !f.id)}
          fresh={draft.fresh.filter((f) => !idOf(f))}
          onRemove={(f) => keeper.detach(f)}
          limit={limits.max_size}
          tooBig={tooBig}
          sent={draft.progress}
        />
        {open.length > 0 && <OpenPlaces places={open} onSend={() => submit(true)} />}
        {crosses(send.error) && (
          <Crossing onSend={() => send.mutate({ at: send.variables?.at, anyway: true })} onStop={() => send.reset()} />
        )}
        <Group gap="sm">
          <SendButton
            loading={send.isPending}
            disabled={!words.to.length || tooBig || busy}
            remind={remind}
            onRemind={setRemind}
            onLater={(at) => submit(false, at)}
          />
          <Button variant="subtle" color="gray" onClick={() => drop.mutate()}>
            <Trans>Drop</Trans>
          </Button>
          <AttachButton onFiles={(files) => keeper.attach(files)} disabled={busy} />
          <TemplateMenu
            words={words}
            onTake={({ subject, html }) => {
              if (subject && !words.subject) set({ subject });
              pen.current?.insert(html);
            }}
            onKeep={() => setKeeping(true)}
          />
          <DraftStatus keeper={keeper} onReread={onReread} onDone={onDone} />
        </Group>
      </fieldset>
    </form>
  );
  return (
    <>
      {form}
      {keeping && (
        <Suspense>
          <KitDialog onClose={() => setKeeping(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Takes what is typed until the editor is there. */
function Early({ words, label, onChange }: { words: Words; label: string; onChange: (html: string) => void }) {
  const [empty] = useState(!words.html);
  if (!empty) return <div className={classes.text} />;
  return (
    <Textarea
      classNames={{ input: classes.text }}
      aria-label={label}
      autoFocus={words.to.length > 0}
      onChange={(e) => onChange(paragraphs(e.currentTarget.value))}
    />
  );
}

/** Places of a template that nothing was put into: they are sent only on purpose. */
function OpenPlaces({ places, onSend }: { places: string[]; onSend: () => void }) {
  return (
    <Group gap="sm" role="alert">
      <Text size="xs" className={classes.problem}>
        <Trans>Nothing is known for {places.join(", ")}: write it yourself.</Trans>
      </Text>
      <Button size="xs" variant="default" onClick={onSend}>
        <Trans>Send all the same</Trans>
      </Button>
    </Group>
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
  return files.length <= limits.max_files && fits(files, limits.max_size, words.html.length + words.quote.length);
}
