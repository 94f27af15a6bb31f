import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, Group, Popover, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./Mail.module.css";
import { type Looked, looked, written } from "./query";

type Props = {
  value: string;
  /** Whether all mailboxes are looked through; nothing where one has one only. */
  all: boolean | undefined;
  onChange: (q: string, all?: boolean) => void;
};

/** Looks for mail: words, or what the form beside says. */
export function Find({ value, all, onChange }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState(value);
  const [last, setLast] = useState(value);
  if (last !== value) {
    setLast(value);
    setText(value);
  }
  const later = useDebouncedCallback((q: string) => {
    setLast(q);
    onChange(q, all);
  }, 250);
  return (
    <TextInput
      id="find-mail"
      size="xs"
      type="search"
      flex={1}
      aria-label={t`Search mail`}
      placeholder={t`Search mail`}
      leftSection={<IconSearch className={classes.icon} />}
      rightSection={<Form value={value} all={all} onChange={onChange} />}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value);
        later(e.currentTarget.value);
      }}
    />
  );
}

function Form({ value, all, onChange }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t`What to search for`}
          title={t`What to search for`}
          onClick={() => setOpen(!open)}
        >
          <IconAdjustmentsHorizontal className={classes.icon} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.form}>
        <Fields
          value={value}
          all={all}
          onChange={(q, everywhere) => {
            setOpen(false);
            onChange(q, everywhere);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ value, all, onChange }: Props) {
  const { t } = useLingui();
  const [l, setL] = useState<Looked>(() => looked(value));
  const [everywhere, setEverywhere] = useState(all);
  const field = (name: "from" | "to" | "subject" | "words" | "file" | "label", label: string) => (
    <TextInput
      size="xs"
      label={label}
      value={l[name]}
      onChange={(e) => setL({ ...l, [name]: e.currentTarget.value })}
    />
  );
  const day = (name: "after" | "before", label: string) => (
    <TextInput
      size="xs"
      type="date"
      flex={1}
      label={label}
      value={l[name]}
      onChange={(e) => setL({ ...l, [name]: e.currentTarget.value })}
    />
  );
  const check = (name: "attachment" | "unread" | "flagged", label: string) => (
    <Checkbox label={label} checked={l[name]} onChange={(e) => setL({ ...l, [name]: e.currentTarget.checked })} />
  );
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        onChange(written(l), everywhere);
      }}
    >
      <Stack gap="xs">
        {field("from", t`From`)}
        {field("to", t`To`)}
        {field("subject", t`Subject`)}
        {field("words", t`Words`)}
        {field("file", t`Name of a file`)}
        {field("label", t`Label`)}
        <Group gap="xs" wrap="nowrap">
          {day("after", t`From the day`)}
          {day("before", t`Before the day`)}
        </Group>
        {check("attachment", t`With files`)}
        {check("unread", t`Unread`)}
        {check("flagged", t`Flagged`)}
        {all !== undefined && (
          <Checkbox
            label={t`In all my mailboxes`}
            checked={everywhere ?? false}
            onChange={(e) => setEverywhere(e.currentTarget.checked)}
          />
        )}
        <Group gap="sm">
          <Button type="submit">
            <Trans>Search</Trans>
          </Button>
          <Button variant="subtle" color="gray" onClick={() => onChange("", everywhere)}>
            <Trans>Clear</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
