import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, PasswordInput, Progress, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { Section, useDo } from "./parts";

type Settings = components["schemas"]["WordsSettings"];
type Model = components["schemas"]["WordsModel"];
type Trial = components["schemas"]["Tried"];

const queryKey = ["words"];

/** Who writes down what is said in recordings, and who sums it up. */
export function Words() {
  const { data, error, refetch } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/telephony/words")) });
  return (
    <Section
      title={<Trans>Words of recordings</Trans>}
      about={
        <Trans>
          A recogniser of yours, or of a provider, writes down what is said in recordings, each side by itself; another
          model may sum it up and propose next steps. Recordings, and what was said, go to the addresses you name here,
          nowhere else; without one nothing leaves. Who may hear a recording reads and finds its words.
        </Trans>
      }
      action={
        data && (
          <State is={data.recogniser.url ? "live" : "off"}>
            {data.recogniser.url ? <Trans context="state">On</Trans> : <Trans context="state">Off</Trans>}
          </State>
        )
      }
    >
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={3} />}
      {data && <Form key={JSON.stringify(data)} settings={data} />}
      {data?.recogniser.url && <Before />}
    </Section>
  );
}

function Form({ settings }: { settings: Settings }) {
  const { t } = useLingui();
  const [recogniser, setRecogniser] = useState<Model>(bare(settings.recogniser));
  const [summariser, setSummariser] = useState<Model>(bare(settings.summariser));
  const [language, setLanguage] = useState(settings.language ?? "");
  const body: Settings = { recogniser, summariser, language: language.trim().toLowerCase() || undefined };
  const save = useDo(
    () => ok(api.PUT("/api/v1/telephony/words", { body })),
    [queryKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <ModelFields
          label={t`Recogniser`}
          placeholder="https://models.example.com/v1/audio/transcriptions"
          model={recogniser}
          hasKey={settings.recogniser.has_key}
          onChange={(c) => setRecogniser((m) => ({ ...m, ...c }))}
        />
        <ModelFields
          label={t`Summary and next steps`}
          placeholder="https://models.example.com/v1/chat/completions"
          model={summariser}
          hasKey={settings.summariser.has_key}
          onChange={(c) => setSummariser((m) => ({ ...m, ...c }))}
        />
        <TextInput
          label={t`Language of the calls`}
          description={t`A code like ro; empty: the recogniser finds out`}
          value={language}
          maxLength={3}
          maw="var(--fd-form)"
          onChange={(e) => setLanguage(e.currentTarget.value)}
        />
        <Group>
          <Button type="submit" size="sm" loading={save.isPending}>
            <Trans>Save</Trans>
          </Button>
          {settings.recogniser.url && <Tried />}
        </Group>
      </Stack>
    </form>
  );
}

const oldKey = ["words", "old"];

/** What was recorded before somebody wrote it down, and how far that is. */
function Before() {
  const { t } = useLingui();
  const { data: old } = useQuery({
    queryKey: oldKey,
    queryFn: () => ok(api.GET("/api/v1/telephony/words/old")),
    refetchInterval: (q) => (q.state.data?.running || q.state.data?.waiting ? 3000 : false),
  });
  const start = useDo(() => ok(api.POST("/api/v1/telephony/words/old", {})), [oldKey]);
  const stop = useDo(() => ok(api.DELETE("/api/v1/telephony/words/old", {})), [oldKey]);
  if (!old || old.without + old.waiting + old.done + old.failed === 0) return null;
  const all = old.without + old.waiting + old.done + old.failed;
  const written = old.done + old.failed;
  return (
    <Stack gap="xs" role="group" aria-label={t`What was recorded before`}>
      <Text fw={500}>
        <Trans>What was recorded before</Trans>
      </Text>
      <Progress value={(100 * written) / all} aria-label={t`Written down`} maw="var(--fd-form)" />
      <Text size="sm" c="dimmed" role="status">
        {[
          t`${old.done} of ${all} recordings are written down`,
          old.waiting > 0 && t`${old.waiting} wait for the recogniser`,
          old.failed > 0 && t`${old.failed} could not be`,
          old.without > 0 && t`${old.without} are not`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      <Group>
        {old.running ? (
          <Button variant="default" size="sm" loading={stop.isPending} onClick={() => stop.mutate()}>
            <Trans>Stop</Trans>
          </Button>
        ) : (
          old.without > 0 && (
            <Button variant="default" size="sm" loading={start.isPending} onClick={() => start.mutate()}>
              <Trans>Write down what was recorded before</Trans>
            </Button>
          )
        )}
      </Group>
    </Stack>
  );
}

const bare = ({ url, model }: Model): Model => ({ url, model });

type FieldsProps = {
  label: string;
  placeholder: string;
  model: Model;
  hasKey: boolean | undefined;
  onChange: (change: Partial<Model>) => void;
};

function ModelFields({ label, placeholder, model, hasKey, onChange }: FieldsProps) {
  const { t } = useLingui();
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      <Text fw={500}>{label}</Text>
      <TextInput
        label={t`Address`}
        placeholder={placeholder}
        value={model.url ?? ""}
        onChange={(e) => onChange({ url: e.currentTarget.value })}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t`Model`}
          placeholder={t`As the provider names it`}
          value={model.model ?? ""}
          onChange={(e) => onChange({ model: e.currentTarget.value })}
        />
        <PasswordInput
          label={t`Key`}
          autoComplete="off"
          placeholder={hasKey ? t`Stays as it is` : t`None`}
          value={model.key ?? ""}
          onChange={(e) => onChange({ key: e.currentTarget.value || undefined })}
        />
      </SimpleGrid>
    </Stack>
  );
}

/** Has a sentence recognised, and shows what came of it. */
function Tried() {
  const { i18n } = useLingui();
  const [trial, setTrial] = useState<Trial>();
  const test = useDo(
    () => ok(api.POST("/api/v1/telephony/words/test", { body: { language: i18n.locale as "en" } })),
    [],
    setTrial,
  );
  const bad = trial?.trouble ?? trial?.summary_trouble;
  return (
    <>
      <Button variant="default" size="sm" loading={test.isPending} onClick={() => test.mutate()}>
        <Trans>Test</Trans>
      </Button>
      {trial && (
        <Text size="sm" c={bad ? "var(--fd-bad)" : undefined} role="status">
          {trial.trouble ? (
            <Trans>The recogniser does not work: {trial.trouble}</Trans>
          ) : (
            <Trans>“This call is recorded” was heard as “{trial.heard}”.</Trans>
          )}{" "}
          {trial.summary_trouble && <Trans>The summary does not work: {trial.summary_trouble}</Trans>}
          {trial.summary && <Trans>Summed up: {trial.summary}</Trans>}
        </Text>
      )}
    </>
  );
}
