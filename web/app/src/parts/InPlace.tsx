import { useLingui } from "@lingui/react/macro";
import { Textarea, TextInput } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import classes from "./parts.module.css";

type Props = { label: string; value: string; onSave: (value: string) => void; long?: boolean; placeholder?: string };

/** A text that becomes a field when clicked. Enter (Ctrl-Enter when long) or leaving saves, Escape gives up. */
export function InPlace({ label, value, onSave, long, placeholder }: Props) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<string>();
  const shown = useRef<HTMLButtonElement>(null);
  const finish = (save: boolean) => {
    if (save && draft !== undefined && draft.trim() !== value) onSave(draft.trim());
    setDraft(undefined);
  };
  if (draft === undefined) {
    return (
      <button
        ref={shown}
        type="button"
        className={classes.inplace}
        data-empty={!value}
        aria-label={t`Edit: ${label}`}
        onClick={() => setDraft(value)}
      >
        {value || placeholder || t`Add`}
      </button>
    );
  }
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Escape") finish(false);
    else if (e.key === "Enter" && (!long || e.ctrlKey)) finish(true);
    else return;
    e.preventDefault();
    e.stopPropagation();
    setTimeout(() => shown.current?.focus());
  };
  const common = {
    "aria-label": label,
    autoFocus: true,
    size: "xs",
    value: draft,
    onKeyDown: keys,
    onBlur: () => finish(true),
  };
  return long ? (
    <Textarea {...common} autosize minRows={2} onChange={(e) => setDraft(e.currentTarget.value)} />
  ) : (
    <TextInput {...common} onChange={(e) => setDraft(e.currentTarget.value)} />
  );
}
