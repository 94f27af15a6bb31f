import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Group, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { keptEnd, type Span, shownEnd } from "./hours";
import classes from "./Settings.module.css";

type Props = { span: Span; onChange: (change: Partial<Span>) => void; onRemove?: () => void };

/** From when to when. */
export function SpanFields({ span, onChange, onRemove }: Props) {
  const { t } = useLingui();
  return (
    <Group gap="xs" wrap="nowrap">
      <TextInput
        type="time"
        size="xs"
        required
        aria-label={t`From`}
        value={span.from}
        onChange={(e) => onChange({ from: e.currentTarget.value })}
      />
      –
      <TextInput
        type="time"
        size="xs"
        required
        aria-label={t`To`}
        value={shownEnd(span.to)}
        onChange={(e) => onChange({ to: keptEnd(e.currentTarget.value) })}
      />
      {onRemove && (
        <ActionIcon aria-label={t`Remove`} onClick={onRemove}>
          <IconX className={classes.icon} />
        </ActionIcon>
      )}
    </Group>
  );
}
