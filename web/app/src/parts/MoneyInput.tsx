import { Trans, useLingui } from "@lingui/react/macro";
import { Group, NumberInput, Select } from "@mantine/core";
import { currencies, decimals, separators, typed } from "~/i18n/format";
import type { Money } from "./money";

/** An amount in hundredths of its currency's unit; of currencies without decimals only whole units are typed. */
export function MoneyInput({ value, onChange }: { value: Money; onChange: (value: Money) => void }) {
  const { t, i18n } = useLingui();
  const { decimal, group } = separators(i18n.locale);
  return (
    <Group gap="sm" align="flex-end" wrap="nowrap">
      <NumberInput
        flex={1}
        label={<Trans>Amount</Trans>}
        min={0}
        decimalScale={Math.min(2, decimals(value.currency))}
        thousandSeparator={group}
        decimalSeparator={decimal}
        value={value.amount / 100}
        onChange={(v) => onChange({ ...value, amount: Math.round(Number(v) * 100) || 0 })}
      />
      <Select
        label={<Trans>Currency</Trans>}
        aria-label={t`Currency`}
        w="var(--fd-currency)"
        comboboxProps={{ width: "max-content" }}
        searchable
        allowDeselect={false}
        data={currencies(value.currency)}
        value={value.currency}
        onChange={(currency) => currency && onChange({ amount: typed(value.amount, currency), currency })}
        renderOption={({ option }) => `${option.value} · ${nameIn(i18n.locale, option.value)}`}
      />
    </Group>
  );
}

function nameIn(locale: string, code: string): string {
  return new Intl.DisplayNames([locale], { type: "currency", fallback: "code" }).of(code) ?? code;
}
