import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileInput, Group, SegmentedControl, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, ok } from "~/api";
import { duration } from "~/i18n/format";
import { toWAV } from "~/media/wav";
import { FormDialog } from "~/parts/FormDialog";
import { languages, promptsKey, usePrompts } from "./machines";
import { useSave } from "./parts";

type Way = "upload" | "record" | "text";
type Language = "en" | "ro" | "ru";

/** A prompt to be uploaded, recorded, or spoken from a text. */
export function PromptForm({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui();
  const speaks = usePrompts()?.speaks ?? false;
  const [way, setWay] = useState<Way>("upload");
  const [name, setName] = useState("");
  const [sound, setSound] = useState<Blob>();
  const [text, setText] = useState("");
  const [language, setLanguage] = useState<Language>(i18n.locale as Language);
  const save = useSave(
    () =>
      way === "text"
        ? ok(api.POST("/api/v1/prompts/speech", { body: { name, language, text } }))
        : upload(name, way, sound),
    [promptsKey],
    onClose,
  );
  return (
    <FormDialog opened onClose={onClose} title={<Trans>Add a prompt</Trans>} onSave={() => save.mutate()} saving={save}>
      <TextInput
        label={t({ message: "Name", context: "thing" })}
        required
        maxLength={100}
        data-autofocus
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <SegmentedControl
        aria-label={t`Where the sound comes from`}
        value={way}
        onChange={(v) => {
          setWay(v as Way);
          setSound(undefined);
        }}
        data={[
          { value: "upload", label: t`A file` },
          { value: "record", label: t`My voice` },
          { value: "text", label: t`A text`, disabled: !speaks },
        ]}
      />
      {way === "upload" && (
        <FileInput
          label={t`Sound file`}
          description={t`WAV, MP3, Ogg or any other that this browser plays; at most 10 minutes`}
          placeholder={t`Choose a file`}
          accept="audio/*"
          required
          onChange={(file) => setSound(file ?? undefined)}
        />
      )}
      {way === "record" && <Recorder onRecorded={setSound} />}
      {way === "text" && (
        <>
          <Select
            label={t`Language`}
            allowDeselect={false}
            data={languages}
            value={language}
            onChange={(v) => v && setLanguage(v as Language)}
          />
          <Textarea
            label={t`Text`}
            required
            autosize
            minRows={3}
            maxLength={2000}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
          />
        </>
      )}
      {!speaks && way !== "text" && (
        <Text c="dimmed" size="xs">
          <Trans>Texts can be spoken once espeak-ng is named in the configuration (calls.speech).</Trans>
        </Text>
      )}
    </FormDialog>
  );
}

/** Sends a sound as the server keeps it; what this browser can't read is left to the server to understand or refuse. */
async function upload(name: string, source: "upload" | "record", sound: Blob | undefined) {
  const body = sound && (await toWAV(sound).catch(() => sound));
  return ok(
    api.POST("/api/v1/prompts", {
      params: { query: { name, source } },
      body: (body ?? new Blob()) as unknown as string,
      bodySerializer: (b) => b,
      headers: { "Content-Type": "application/octet-stream" },
    }),
  );
}

/** Records the microphone. */
function Recorder({ onRecorded }: { onRecorded: (sound: Blob | undefined) => void }) {
  const [recorder, setRecorder] = useState<MediaRecorder>();
  const [recorded, setRecorded] = useState<string>();
  const [refused, setRefused] = useState(false);
  const running = useRef<MediaRecorder>(undefined);
  useEffect(() => () => running.current?.stop(), []);
  useEffect(() => () => void (recorded && URL.revokeObjectURL(recorded)), [recorded]);
  const start = async () => {
    setRefused(false);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => undefined);
    if (!stream) return setRefused(true);
    const r = new MediaRecorder(stream);
    const parts: Blob[] = [];
    r.ondataavailable = (e) => parts.push(e.data);
    r.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      running.current = undefined;
      setRecorder(undefined);
      const sound = new Blob(parts, { type: r.mimeType });
      setRecorded(URL.createObjectURL(sound));
      onRecorded(sound);
    };
    r.start();
    running.current = r;
    setRecorder(r);
    setRecorded(undefined);
    onRecorded(undefined);
  };
  return (
    <Group gap="md">
      {recorder ? (
        <Button color="red" onClick={() => recorder.stop()}>
          <Trans>Stop</Trans>
        </Button>
      ) : (
        <Button variant="default" onClick={() => void start()}>
          {recorded ? <Trans>Record again</Trans> : <Trans>Record</Trans>}
        </Button>
      )}
      {recorder && <Running />}
      {recorded && <audio controls src={recorded} />}
      {refused && (
        <Text c="red" size="sm">
          <Trans>The browser gives no microphone: allow it for this page, then record again.</Trans>
        </Text>
      )}
    </Group>
  );
}

function Running() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((s) => s + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <Text>{duration(seconds)}</Text>;
}
