import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Autocomplete, Button, NumberInput, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { money, separators } from "~/i18n/format";
import { blank, filled, parts, type Typed } from "./lines";
import classes from "./Offers.module.css";
import { type Product, useFound } from "./queries";

type Props = { lines: Typed[]; currency: string; tax: number; onChange: (lines: Typed[]) => void };

/** What is sold. Enter goes on to a new line below. */
export function Lines({ lines, currency, tax, onChange }: Props) {
  const { t } = useLingui();
  const body = useRef<HTMLTableSectionElement>(null);
  const focus = (row: number) =>
    requestAnimationFrame(() => body.current?.rows[row]?.querySelector<HTMLInputElement>("input")?.focus());
  const add = (at: number) => {
    onChange(lines.toSpliced(at, 0, blank(tax)));
    focus(at);
  };
  return (
    <div>
      <table className={classes.table} aria-label={t`Lines`}>
        <thead>
          <tr>
            <th>
              <Trans>What is sold</Trans>
            </th>
            <th data-number className={classes.short}>
              <Trans>Quantity</Trans>
            </th>
            <th className={classes.short}>
              <Trans>Unit</Trans>
            </th>
            <th data-number className={classes.wide}>
              <Trans>Price</Trans>
            </th>
            <th data-number className={classes.short}>
              <Trans>Discount %</Trans>
            </th>
            <th data-number className={classes.short}>
              <Trans>VAT %</Trans>
            </th>
            <th data-number className={classes.wide}>
              <Trans>Amount</Trans>
            </th>
            <th aria-label={t`Remove`} />
          </tr>
        </thead>
        <tbody ref={body}>
          {lines.map((l, at) => (
            <Row
              key={l.key}
              line={l}
              nth={at + 1}
              currency={currency}
              onChange={(line) => onChange(lines.with(at, line))}
              onNext={() => add(at + 1)}
              onRemove={() => {
                onChange(lines.toSpliced(at, 1));
                focus(Math.max(0, at - 1));
              }}
            />
          ))}
        </tbody>
      </table>
      <Button variant="subtle" mt="xs" onClick={() => add(lines.length)}>
        <Trans>Add a line</Trans>
      </Button>
    </div>
  );
}

type RowProps = {
  line: Typed;
  nth: number;
  currency: string;
  onChange: (line: Typed) => void;
  onNext: () => void;
  onRemove: () => void;
};

function Row({ line: l, nth, currency, onChange, onNext, onRemove }: RowProps) {
  const { t } = useLingui();
  const keys = (e: KeyboardEvent) => {
    if (e.key !== "Enter" || e.ctrlKey || e.defaultPrevented || e.target instanceof HTMLButtonElement) return;
    e.preventDefault();
    onNext();
  };
  const set = (change: Partial<Typed>) => onChange({ ...l, ...change });
  return (
    <tr onKeyDown={keys}>
      <td>
        <Name line={l} nth={nth} currency={currency} onChange={onChange} />
      </td>
      <td data-label={t`Quantity`}>
        <Amount
          label={t`Quantity, line ${nth}`}
          value={l.quantity}
          of={1000}
          onChange={(quantity) => set({ quantity })}
        />
      </td>
      <td data-label={t`Unit`}>
        <TextInput
          size="xs"
          aria-label={t`Unit, line ${nth}`}
          maxLength={30}
          value={l.unit ?? ""}
          onChange={(e) => set({ unit: e.currentTarget.value })}
        />
      </td>
      <td data-label={t`Price`}>
        <Amount label={t`Price, line ${nth}`} value={l.price} of={100} negative onChange={(price) => set({ price })} />
      </td>
      <td data-label={t`Discount %`}>
        <Amount
          label={t`Discount, line ${nth}`}
          value={l.discount ?? 0}
          of={100}
          max={100}
          onChange={(discount) => set({ discount })}
        />
      </td>
      <td data-label={t`VAT %`}>
        <Amount label={t`VAT, line ${nth}`} value={l.tax} of={100} max={100} onChange={(tax) => set({ tax })} />
      </td>
      <td className={classes.net}>
        <Text span size="sm" data-testid="net">
          {money(l.net, currency)}
        </Text>
      </td>
      <td>
        <ActionIcon variant="subtle" color="gray" aria-label={t`Remove line ${nth}`} onClick={onRemove}>
          <IconX className={classes.icon} />
        </ActionIcon>
      </td>
    </tr>
  );
}

type NameProps = { line: Typed; nth: number; currency: string; onChange: (line: Typed) => void };

/** The words of a line; products are offered while one types. */
function Name({ line: l, nth, currency, onChange }: NameProps) {
  const { t } = useLingui();
  const [asked, setAsked] = useState<string>();
  const [wanted] = useDebouncedValue(asked, 150);
  const found = useFound(wanted ?? "", wanted !== undefined) ?? [];
  const open = useRef(false);
  const chosen = useRef<Product>(undefined);
  return (
    <Autocomplete
      size="xs"
      aria-label={t`What is sold, line ${nth}`}
      placeholder={t`Product or free text`}
      maxLength={500}
      value={l.name}
      data={found.map((p) => p.name).filter((n, i, all) => all.indexOf(n) === i)}
      filter={({ options }) => options}
      onFocus={() => setAsked(l.name)}
      onDropdownOpen={() => {
        open.current = true;
      }}
      onDropdownClose={() => {
        open.current = false;
      }}
      onOptionSubmit={(name) => {
        chosen.current = found.find((p) => p.name === name);
      }}
      onChange={(name) => {
        const product = chosen.current; // it is told just before its name is
        chosen.current = undefined;
        if (product) return onChange(filled(l, product, currency));
        setAsked(name);
        onChange({ ...l, name, product: undefined });
      }}
      onKeyDown={(e) => {
        const marked = e.currentTarget.getAttribute("aria-activedescendant");
        if (e.key === "Enter" && open.current && marked) e.stopPropagation(); // takes the product
      }}
      renderOption={({ option }) => {
        const p = found.find((x) => x.name === option.value);
        return (
          <Text size="sm">
            {option.value}
            {p && (
              <Text span c="dimmed" size="xs">
                {" "}
                {[p.sku, money(p.price, p.currency)].filter(Boolean).join(" · ")}
              </Text>
            )}
          </Text>
        );
      }}
    />
  );
}

type AmountProps = {
  label: string;
  value: number;
  /** How many parts of the value are one. */
  of: number;
  max?: number;
  negative?: boolean;
  onChange: (value: number) => void;
};

/** A number with decimals, as the language writes them. */
export function Amount({ label, value, of, max, negative, onChange }: AmountProps) {
  const { i18n } = useLingui();
  const { decimal, group } = separators(i18n.locale);
  return (
    <NumberInput
      size="xs"
      className={classes.number}
      aria-label={label}
      hideControls
      allowNegative={negative ?? false}
      max={max}
      decimalScale={Math.log10(of)}
      decimalSeparator={decimal}
      thousandSeparator={group}
      value={value / of}
      onFocus={(e) => e.currentTarget.select()}
      onChange={(v) => onChange(parts(v, of))}
    />
  );
}
