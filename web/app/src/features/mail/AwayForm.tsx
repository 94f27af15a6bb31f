import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { complain, say } from "~/app/notify";
import { type Away, saveAway } from "./rules";

const languages = { en: "English", ro: "Română", ru: "Русский" } as const;
type Language = keyof typeof languages;

/** What is answered while the owner of a mailbox is away. */
export function AwayForm({ mailbox, away }: { mailbox: string; away: Away }) {
  const { t, i18n } = useLingui();
  const [now, setNow] = useState(away);
  const set = (change: Partial<Away>) => setNow((a) => ({ ...a, ...change }));
  const save = useMutation({
    mutationFn: () => saveAway(mailbox, now),
    onSuccess: () => say(msg`Saved`),
    onError: complain,
  });
  const of = (language: string) => now.texts.find((x) => x.language === language);
  const write = (language: Language, change: { subject?: string; text?: string }) => {
    const text = { language, subject: "", text: "", ...of(language), ...change };
    set({ texts: of(language) ? now.texts.map((x) => (x.language === language ? text : x)) : [...now.texts, text] });
  };
  const own = (i18n.locale in languages ? i18n.locale : "en") as Language;
  const order = [own, ...(Object.keys(languages) as Language[]).filter((l) => l !== own)];
  return (
    <Stack gap="sm">
      <Switch label={t`I am away`} checked={now.on} onChange={(e) => set({ on: e.currentTarget.checked })} />
      <Text size="xs" c="dimmed">
        <Trans>
          People who write to this mailbox by name have one answer in so many days; mailing lists and machines have
          none.
        </Trans>
      </Text>
      <Group gap="sm" grow>
        <Moment label={t`From`} at={now.from} onChange={(from) => set({ from })} />
        <Moment label={t`Until`} at={now.until} onChange={(until) => set({ until })} />
        <NumberInput
          label={t`Days until the next answer`}
          min={1}
          max={30}
          value={now.days}
          onChange={(v) => typeof v === "number" && set({ days: v })}
        />
      </Group>
      {order.map((language, n) => (
        <Stack key={language} gap="xs" role="group" aria-label={languages[language]}>
          <Text size="sm" fw={600}>
            {languages[language]}
            {n > 0 && (
              <Text span c="dimmed" size="xs">
                {" "}
                <Trans>for who writes in it</Trans>
              </Text>
            )}
          </Text>
          <TextInput
            size="xs"
            aria-label={t`Subject`}
            placeholder={t`Subject; without: that of the mail`}
            value={of(language)?.subject ?? ""}
            onChange={(e) => write(language, { subject: e.currentTarget.value })}
          />
          <Textarea
            autosize
            minRows={n === 0 ? 4 : 2}
            aria-label={t`Answer`}
            placeholder={t`When you are back, and whom to ask meanwhile`}
            value={of(language)?.text ?? ""}
            onChange={(e) => write(language, { text: e.currentTarget.value })}
          />
        </Stack>
      ))}
      <Group justify="flex-end">
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

type MomentProps = { label: string; at: string | undefined; onChange: (at: string | undefined) => void };

function Moment({ label, at, onChange }: MomentProps) {
  const local = (iso: string) => {
    const date = new Date(iso);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={at ? local(at) : ""}
      onChange={(e) => onChange(e.currentTarget.value ? new Date(e.currentTarget.value).toISOString() : undefined)}
    />
  );
}
