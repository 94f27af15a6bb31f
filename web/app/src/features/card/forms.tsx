import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { api, ok, type Ref } from "~/api";
import { stale } from "~/app/live";
import { complain } from "~/app/notify";

type Props = { entity: Ref; onDone: () => void };

/** Writes a note. Ctrl-Enter saves, Escape gives up. */
export function NoteForm({ entity, onDone }: Props) {
  const { t } = useLingui();
  const [body, setBody] = useState("");
  const save = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/notes", { body: { entity, body } })),
    onSuccess: () => {
      stale("note");
      onDone();
    },
    onError: complain,
  });
  return (
    <form onSubmit={(e) => submit(e, () => body.trim() && save.mutate())} onKeyDown={(e) => formKeys(e, onDone)}>
      <Stack gap="sm">
        <Textarea
          aria-label={t`Note`}
          placeholder={t`What should everybody know?`}
          autosize
          minRows={3}
          autoFocus
          value={body}
          onChange={(e) => setBody(e.currentTarget.value)}
        />
        <Ends busy={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}

/** Sets a task for oneself, with a day and a time. */
export function TaskForm({ entity, onDone }: Props) {
  const { t } = useLingui();
  const [title, setTitle] = useState("");
  const [due, setDue] = useState(() => localInput(tomorrow()));
  const save = useMutation({
    mutationFn: () =>
      ok(api.POST("/api/v1/tasks", { body: { entity, title, due: due ? new Date(due).toISOString() : undefined } })),
    onSuccess: () => {
      stale("task");
      onDone();
    },
    onError: complain,
  });
  return (
    <form onSubmit={(e) => submit(e, () => title.trim() && save.mutate())} onKeyDown={(e) => formKeys(e, onDone)}>
      <Stack gap="sm">
        <TextInput
          aria-label={t`Task`}
          placeholder={t`What is to be done?`}
          autoFocus
          value={title}
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          aria-label={t`Due`}
          value={due}
          onChange={(e) => setDue(e.currentTarget.value)}
        />
        <Ends busy={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}

function Ends({ busy, onCancel }: { busy: boolean; onCancel: () => void }) {
  return (
    <Group gap="sm">
      <Button type="submit" loading={busy}>
        <Trans>Save</Trans>
      </Button>
      <Button variant="subtle" color="gray" onClick={onCancel}>
        <Trans>Cancel</Trans>
      </Button>
    </Group>
  );
}

function submit(e: FormEvent, save: () => unknown): void {
  e.preventDefault();
  save();
}

function formKeys(e: KeyboardEvent<HTMLFormElement>, cancel: () => void): void {
  if (e.key === "Escape") cancel();
  else if (e.key === "Enter" && e.ctrlKey) e.currentTarget.requestSubmit();
}

function tomorrow(): Date {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(10, 0, 0, 0);
  return at;
}

/** A moment as a datetime-local field takes it. */
function localInput(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
