import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Kbd, Select, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type SyntheticEvent, useEffect, useState } from "react";
import { api, ok } from "~/api";
import { stale } from "~/app/live";
import { complain, say } from "~/app/notify";
import { fullDate } from "~/i18n/format";
import { useStore } from "~/live/store";
import { AttachButton, Attachments } from "./Attachments";
import classes from "./Composer.module.css";
import { filesOf, fits, held, joined, sendParcel } from "./files";
import { addressesIn, answerTo, personName, quote, replySubject } from "./people";
import { type Message, useMailboxes } from "./queries";

type Draft = { from: string; to: string[]; cc: string[]; subject: string; text: string };
type Props = { start?: { to?: string[] }; answers?: Message; all?: boolean; onDone: () => void };

/** Writes a mail or an answer, where one is. Ctrl-Enter sends; what is typed is kept until it is sent or dropped. */
export function Composer({ start, answers, all, onDone }: Props) {
  const { t } = useLingui();
  const boxes = useMailboxes();
  const key = `frontdesk.draft.${answers?.id ?? "new"}`;
  const [draft, setDraft] = useState<Draft>(
    () =>
      kept(key) ??
      begin(
        boxes.map((b) => b.address),
        start,
        answers,
        all,
      ),
  );
  const [withCc, setWithCc] = useState(draft.cc.length > 0);
  const set = (change: Partial<Draft>) => setDraft((d) => ({ ...d, ...change }));
  const from =
    draft.from ||
    ownAddress(
      boxes.map((b) => b.address),
      answers,
    );
  useEffect(() => {
    if (draft.text) sessionStorage.setItem(key, JSON.stringify(draft));
  }, [key, draft]);
  const { files, add, remove, limits } = useFiles(key);
  const [over, setOver] = useState(false);
  const [sent, setSent] = useState<number>();
  const tooBig = !fits(files, limits.max_size, draft.text.length) || files.length > limits.max_files;
  const finish = () => {
    sessionStorage.removeItem(key);
    held.set({ [key]: [] });
    onDone();
  };
  const send = useMutation({
    mutationFn: async () => {
      const mail = outgoing({ ...draft, from }, answers);
      if (!files.length) return void (await ok(api.POST("/api/v1/mail/send", { body: mail })));
      setSent(0);
      await sendParcel(mail, files, setSent);
    },
    onSettled: () => setSent(undefined),
    onSuccess: () => {
      stale("mail");
      say(msg`Mail sent`);
      finish();
    },
    onError: complain,
  });
  const taken = (e: SyntheticEvent, data: DataTransfer) => {
    const dropped = filesOf(data);
    if (!dropped.length) return;
    e.preventDefault();
    add(dropped);
  };
  const keys = (e: KeyboardEvent<HTMLFormElement>) => {
    if (e.key === "Enter" && e.ctrlKey) e.currentTarget.requestSubmit();
  };
  if (!boxes.length)
    return (
      <Text c="dimmed">
        <Trans>You have no mailbox yet. An administrator can give you one in Settings → Mail.</Trans>
      </Text>
    );
  return (
    <form
      className={classes.composer}
      aria-label={answers ? t`Answer` : t`New mail`}
      data-testid="composer"
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
        if (draft.to.length && !tooBig && !send.isPending) send.mutate();
      }}
    >
      <Stack gap="xs">
        {boxes.length > 1 && (
          <Select
            size="xs"
            aria-label={t`From`}
            leftSection={<Trans>From</Trans>}
            leftSectionWidth="var(--fd-callbar)"
            value={from}
            data={boxes.map((b) => b.address)}
            onChange={(v) => set({ from: v ?? "" })}
          />
        )}
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Addresses label={t`To`} value={draft.to} onChange={(to) => set({ to })} autoFocus={!draft.to.length} />
          {!withCc && (
            <Button variant="subtle" color="gray" onClick={() => setWithCc(true)}>
              Cc
            </Button>
          )}
        </Group>
        {withCc && <Addresses label="Cc" value={draft.cc} onChange={(cc) => set({ cc })} />}
        {!answers && (
          <TextInput
            size="xs"
            aria-label={t`Subject`}
            placeholder={t`Subject`}
            value={draft.subject}
            onChange={(e) => set({ subject: e.currentTarget.value })}
          />
        )}
        <Textarea
          aria-label={t`Text`}
          placeholder={t`Text`}
          autosize
          minRows={5}
          maxRows={16}
          autoFocus={draft.to.length > 0}
          value={draft.text}
          onChange={(e) => set({ text: e.currentTarget.value })}
        />
        <Attachments files={files} onRemove={remove} limit={limits.max_size} tooBig={tooBig} sent={sent} />
        <Group gap="sm">
          <Button
            type="submit"
            loading={send.isPending}
            disabled={!draft.to.length || tooBig}
            rightSection={<Kbd size="xs">Ctrl ↵</Kbd>}
          >
            <Trans>Send</Trans>
          </Button>
          <Button variant="subtle" color="gray" onClick={finish}>
            <Trans>Drop</Trans>
          </Button>
          <AttachButton onFiles={add} disabled={send.isPending} />
        </Group>
      </Stack>
    </form>
  );
}

const none: File[] = [];

/** The files of a draft, and how many a mail can carry. */
function useFiles(key: string) {
  const files = useStore(held, (s) => s[key]) ?? none;
  const limits = useQuery({
    queryKey: ["mail-limits"],
    queryFn: () => ok(api.GET("/api/v1/mail/limits")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return {
    files,
    add: (more: File[]) => held.set({ [key]: joined(files, more) }),
    remove: (file: File) => held.set({ [key]: files.filter((f) => f !== file) }),
    limits: limits.data ?? { max_size: Number.POSITIVE_INFINITY, max_files: 100 },
  };
}

type AddressesProps = { label: string; value: string[]; onChange: (value: string[]) => void; autoFocus?: boolean };

/** Addresses, suggested from the clients. */
function Addresses({ label, value, onChange, autoFocus }: AddressesProps) {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: () => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } } })),
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

function kept(key: string): Draft | undefined {
  const text = sessionStorage.getItem(key);
  return text ? (JSON.parse(text) as Draft) : undefined;
}

function begin(own: string[], start: Props["start"], m: Message | undefined, all: boolean | undefined): Draft {
  if (!m) return { from: own[0] ?? "", to: start?.to ?? [], cc: [], subject: "", text: "" };
  return { from: ownAddress(own, m), ...answerTo(m, own, all ?? false), subject: replySubject(m.subject), text: "" };
}

/** The address of ours that the message came to or went out from; the first one otherwise. */
function ownAddress(own: string[], m: Message | undefined): string {
  const named = m ? [m.from, ...m.to, ...m.cc].map((p) => p.address) : [];
  return own.find((a) => named.includes(a)) ?? own[0] ?? "";
}

function outgoing(draft: Draft, answers: Message | undefined) {
  if (!answers) return draft;
  const head = `${fullDate(answers.date)}, ${personName(answers.from)}:`;
  return { ...draft, text: draft.text + quote(answers.text || answers.snippet, head), reply: answers.id };
}
