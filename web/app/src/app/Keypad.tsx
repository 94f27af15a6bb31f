import { useLingui } from "@lingui/react/macro";
import { Button, SimpleGrid, Text } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";

const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The twelve keys of a phone; the keyboard's own work too. */
export function Keypad({ onKey }: { onKey: (key: string) => void }) {
  const { t } = useLingui();
  const [pressed, setPressed] = useState("");
  const press = (key: string) => {
    setPressed((p) => (p + key).slice(-16));
    onKey(key);
  };
  const typed = (e: KeyboardEvent) => {
    if (!keys.includes(e.key)) return;
    e.preventDefault();
    press(e.key);
  };
  return (
    <div role="group" aria-label={t`Keypad`} onKeyDown={typed}>
      <Text ta="center" fw={600} mih="var(--mantine-line-height-sm)" mb="sm" aria-live="polite">
        {pressed}
      </Text>
      <SimpleGrid cols={3} spacing="xs" verticalSpacing="xs">
        {keys.map((key, i) => (
          <Button
            key={key}
            variant="default"
            size="md"
            onClick={() => press(key)}
            data-autofocus={i === 0 || undefined}
          >
            {key}
          </Button>
        ))}
      </SimpleGrid>
    </div>
  );
}
