import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, lazy, Suspense, useState } from "react";
import { money } from "~/i18n/format";
import { type Money, usual } from "~/parts/money";
import shared from "~/parts/parts.module.css";

const MoneyInput = lazy(async () => ({ default: (await import("~/parts/MoneyInput")).MoneyInput }));

/** An amount: a click makes it fields, leaving them saves. */
export function Worth({ of: worth, onSave }: { of: Money | undefined; onSave: (worth: Money) => void }) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<Money>();
  const shown = worth ? money(worth.amount, worth.currency) : t`Add`;
  if (!draft)
    return (
      <button
        type="button"
        className={shared.inplace}
        data-empty={!worth}
        aria-label={t`Edit: ${shown}`}
        onClick={() => setDraft(worth ?? { amount: 0, currency: usual })}
      >
        {shown}
      </button>
    );
  const save = (e: FormEvent) => {
    e.preventDefault();
    onSave(draft);
    setDraft(undefined);
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key !== "Escape") return;
    e.stopPropagation();
    setDraft(undefined);
  };
  return (
    <form onSubmit={save} onKeyDown={keys}>
      <Suspense>
        <MoneyInput value={draft} onChange={({ amount, currency }) => setDraft({ amount, currency })} />
      </Suspense>
      <Group justify="flex-end" mt="xs">
        <Button type="submit">
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}
