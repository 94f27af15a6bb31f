import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Button, Group, NumberInput, SimpleGrid, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { offer } from "~/app/notify";
import { parts } from "~/features/offers/lines";
import { type OfferSettings, type Product, productsKey } from "~/features/offers/queries";
import { money, separators } from "~/i18n/format";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { MoneyInput } from "~/parts/MoneyInput";
import { NamedForm } from "./NamedForm";
import { Row, Section, useDo } from "./parts";
import classes from "./Settings.module.css";

/** What the company sells. */
export function Products({ settings }: { settings: OfferSettings }) {
  const { t } = useLingui();
  const [edited, setEdited] = useState<Product>();
  const [q, setQ] = useState("");
  const [asked] = useDebouncedValue(q, 150);
  const list = useInfiniteQuery({
    queryKey: [...productsKey, "all", asked],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET("/api/v1/products", {
          params: { query: { q: asked || undefined, all: true, after: pageParam || undefined, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const all = list.data?.pages.flatMap((p) => p.items);
  const add = () => setEdited(fresh(settings));
  return (
    <Section
      title={<Trans>Products</Trans>}
      about={<Trans>Lines of offers find them by any part of their name or number.</Trans>}
      action={
        <Button onClick={add}>
          <Trans>Add a product</Trans>
        </Button>
      }
    >
      <TextInput
        aria-label={t`Find products`}
        placeholder={t`Find products`}
        value={q}
        onChange={(e) => setQ(e.currentTarget.value)}
      />
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {!all && !list.error && <LateRows count={3} />}
      {all && (
        <ul className={classes.rows}>
          {all.map((p) => (
            <One key={p.id} of={p} onEdit={() => setEdited(p)} />
          ))}
          {all.length === 0 && (
            <li className={classes.none}>
              {asked ? <Trans>No product has these words.</Trans> : <Trans>No product yet. Add the first one.</Trans>}
            </li>
          )}
        </ul>
      )}
      {list.hasNextPage && (
        <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          <Trans>More</Trans>
        </Button>
      )}
      {edited && <Form of={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

const fresh = ({ tax, currency }: OfferSettings): Product =>
  ({ id: "", name: "", sku: "", unit: "", price: 0, currency, tax, active: true }) as Product;

const make = (body: Product) => ok(api.POST("/api/v1/products", { body }));

function One({ of: p, onEdit }: { of: Product; onEdit: () => void }) {
  const { t, i18n } = useLingui();
  const remove = useDo(
    () => ok(api.DELETE("/api/v1/products/{id}", { params: { path: { id: p.id } } })),
    [productsKey],
    () => offer(msg`Product removed`, () => restore.mutate()),
  );
  const restore = useDo(() => make(p), [productsKey]);
  const tax = i18n.number(p.tax / 10_000, { style: "percent", maximumFractionDigits: 2 });
  const price = money(p.price, p.currency);
  const detail = [p.sku, p.unit ? `${price} / ${p.unit}` : price, t`VAT ${tax}`].filter(Boolean).join(" · ");
  const title = (
    <>
      {p.name}{" "}
      {!p.active && (
        <Badge color="gray" variant="light">
          <Trans>Not sold any more</Trans>
        </Badge>
      )}
    </>
  );
  return (
    <Row title={title} detail={detail}>
      <ActionIcon aria-label={t`Remove ${p.name}`} onClick={() => remove.mutate()}>
        <IconX className={classes.icon} />
      </ActionIcon>
      <Button variant="default" data-open onClick={onEdit}>
        <Trans>Edit</Trans>
      </Button>
    </Row>
  );
}

function Form({ of, onClose }: { of: Product; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const [p, setP] = useState(of);
  const set = (change: Partial<Product>) => setP((v) => ({ ...v, ...change }));
  return (
    <NamedForm
      of={of}
      add={<Trans>Add a product</Trans>}
      name={p.name}
      onName={(name) => set({ name })}
      make={() => make(p)}
      change={(path) => ok(api.PUT("/api/v1/products/{id}", { params: { path }, body: p }))}
      keys={[productsKey]}
      onClose={onClose}
    >
      <SimpleGrid cols={2}>
        <TextInput
          label={t`Product number (SKU)`}
          maxLength={100}
          value={p.sku ?? ""}
          onChange={(e) => set({ sku: e.currentTarget.value })}
        />
        <TextInput
          label={t`Unit`}
          placeholder={t`pcs, h, kg …`}
          maxLength={30}
          value={p.unit ?? ""}
          onChange={(e) => set({ unit: e.currentTarget.value })}
        />
      </SimpleGrid>
      <MoneyInput
        value={{ amount: p.price, currency: p.currency }}
        onChange={({ amount, currency }) => set({ price: amount, currency })}
      />
      <Group align="flex-end">
        <NumberInput
          label={t`VAT, %`}
          min={0}
          max={100}
          decimalScale={2}
          decimalSeparator={separators(i18n.locale).decimal}
          value={p.tax / 100}
          onChange={(v) => set({ tax: parts(v, 100) })}
        />
        <Switch
          label={t`Is sold`}
          mb="xs"
          checked={p.active}
          onChange={(e) => set({ active: e.currentTarget.checked })}
        />
      </Group>
    </NamedForm>
  );
}
