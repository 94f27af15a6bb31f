import { useLingui } from "@lingui/react/macro";
import { NumberInput, SimpleGrid } from "@mantine/core";
import type { Limits } from "./limits";

type Props = { value: Limits; onChange: (change: Partial<Limits>) => void };

/** What calls out may come to; 0 is no limit. */
export function LimitFields({ value, onChange }: Props) {
  const { t } = useLingui();
  const fields: [keyof Limits, string][] = [
    ["together", t`Calls at once`],
    ["per_minute", t`Calls a minute`],
    ["minutes", t`Minutes a day`],
    ["spend", t`Cost a day`],
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }}>
      {fields.map(([field, label]) => (
        <NumberInput
          key={field}
          label={label}
          min={0}
          decimalScale={field === "spend" ? 2 : 0}
          value={value[field]}
          onChange={(v) => onChange({ [field]: Number(v) })}
        />
      ))}
    </SimpleGrid>
  );
}
