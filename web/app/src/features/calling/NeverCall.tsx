import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Popover, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useMe, useUserName } from "~/api/queries";
import { attempt } from "~/app/live";
import { offer } from "~/app/notify";
import { fullDate, phone } from "~/i18n/format";
import classes from "./Calling.module.css";
import { type Barred, bar, unbar, useBarred } from "./queries";

type Props = { number: string; among: string[] };

/** Whether a number asked not to be called, and the way to say so. */
export function NeverCall({ number, among }: Props) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  const barred = useBarred(among).find((b) => b.number === number);
  const label = barred ? t`${phone(number)} asked not to be called` : t`${phone(number)}: do not call`;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus withRoles>
      <Popover.Target>
        <Tooltip label={barred ? t`Asked not to be called` : t`Do not call`} disabled={opened}>
          <ActionIcon
            size="xs"
            className={barred ? undefined : classes.bar}
            color={barred ? "red" : "gray"}
            aria-label={label}
            onClick={() => setOpened(!opened)}
          >
            <IconPhoneOff />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        {barred ? (
          <Lift of={barred} onDone={() => setOpened(false)} />
        ) : (
          <Say number={number} onDone={() => setOpened(false)} />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Who said so, when and why. */
export function Why({ of: b }: { of: Barred }) {
  const name = useUserName(b.user) || "—";
  const at = fullDate(new Date(b.at));
  return (
    <Text size="xs" c="dimmed">
      <Trans>
        {name}, {at}
      </Trans>
      {b.why && `: ${b.why}`}
    </Text>
  );
}

function Lift({ of: b, onDone }: { of: Barred; onDone: () => void }) {
  const me = useMe();
  const may = me?.role === "admin" || me?.id === b.user;
  return (
    <Stack gap="xs" maw="var(--fd-form)">
      <Text size="sm" fw={500}>
        <Trans>Asked not to be called</Trans>
      </Text>
      <Why of={b} />
      {may && (
        <Button variant="default" onClick={() => attempt(unbar(b.number).then(onDone))}>
          <Trans>May be called again</Trans>
        </Button>
      )}
    </Stack>
  );
}

function Say({ number, onDone }: { number: string; onDone: () => void }) {
  const { t } = useLingui();
  const [why, setWhy] = useState("");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    attempt(
      bar(number, why.trim()).then(() => {
        onDone();
        offer(msg`Calling lists leave this number out`, () => attempt(unbar(number)));
      }),
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TextInput
          size="xs"
          label={t`Why`}
          placeholder={t`What was said; may be empty`}
          maxLength={500}
          value={why}
          data-autofocus
          onChange={(e) => setWhy(e.currentTarget.value)}
        />
        <Button type="submit" color="red">
          <Trans>Asked not to be called</Trans>
        </Button>
      </Stack>
    </form>
  );
}
