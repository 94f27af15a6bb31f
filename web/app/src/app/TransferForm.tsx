import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, ScrollArea, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useExtensionOf, useMe, useUsers } from "~/api/queries";
import type { MyCall } from "~/live/state";
import { Presence } from "~/parts/people";
import { useOther } from "./callers";
import classes from "./TransferForm.module.css";

type Props = {
  others: MyCall[];
  onJoin: (leg: string) => void;
  onMerge: (leg: string) => void;
  onTransfer: (to: string) => void;
};

/** Gives a call to a colleague or a number, or to whom we speak with in another call. */
export function TransferForm({ others, onJoin, onMerge, onTransfer }: Props) {
  const { t } = useLingui();
  const me = useMe();
  const extensionOf = useExtensionOf();
  const [to, setTo] = useState("");
  const wanted = to.trim().toLowerCase();
  const people = useUsers()
    .map((u) => ({ ...u, extension: extensionOf(u.id) }))
    .filter(
      (u) => u.active && u.extension && u.id !== me?.id && `${u.name} ${u.extension}`.toLowerCase().includes(wanted),
    );
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        const target = /\d/.test(to) ? to.trim() : people[0]?.extension;
        if (target) onTransfer(target);
      }}
    >
      <Group gap="sm" wrap="nowrap">
        <TextInput
          flex={1}
          aria-label={t`Colleague or number`}
          placeholder={t`Colleague or number`}
          value={to}
          onChange={(e) => setTo(e.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" size="sm" disabled={!wanted}>
          <Trans>Transfer</Trans>
        </Button>
      </Group>
      {others.map((call) => (
        <Join key={call.leg} call={call} onJoin={onJoin} onMerge={onMerge} />
      ))}
      <ScrollArea.Autosize mah="var(--fd-people)">
        <Stack gap={0} mt="sm">
          {people.map((u) => (
            <UnstyledButton key={u.id} className={classes.person} data-step onClick={() => onTransfer(u.extension!)}>
              <Presence user={u.id} />
              <Text span truncate flex={1}>
                {u.name}
              </Text>
              <Text span c="dimmed">
                {u.extension}
              </Text>
            </UnstyledButton>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </form>
  );
}

function Join({ call, onJoin, onMerge }: { call: MyCall } & Pick<Props, "onJoin" | "onMerge">) {
  const other = useOther(call);
  const name = other.name || other.number;
  return (
    <>
      <Button variant="light" fullWidth mt="sm" onClick={() => onJoin(call.leg)}>
        <Trans>Connect with {name}</Trans>
      </Button>
      <Button variant="default" fullWidth mt="sm" onClick={() => onMerge(call.leg)}>
        <Trans>Talk together with {name}</Trans>
      </Button>
    </>
  );
}
