import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Fieldset, NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { type Destination, DestinationFields } from "./Destination";
import { languages, type Menu, menusKey, usePrompts } from "./machines";
import { NamedForm } from "./NamedForm";

type MenuInput = components["schemas"]["MenuInput"];
type Onward = components["schemas"]["OnwardInput"];

const allKeys = [..."1234567890*#"];
const hungUp: Onward = { kind: "refuse" };

/** A voice menu or announcement to be made or changed. */
export function MenuForm({ menu, onClose }: { menu: Menu; onClose: () => void }) {
  const { t } = useLingui();
  const prompts = usePrompts()?.items ?? [];
  const [values, setValues] = useState<MenuInput>(() => inputOf(menu));
  const set = (change: Partial<MenuInput>) => setValues((v) => ({ ...v, ...change }));
  const keys = values.keys ?? [];
  const asks = keys.length > 0;
  const setKey = (at: number, change: Partial<(typeof keys)[number]>) =>
    set({ keys: keys.map((k, i) => (i === at ? { ...k, ...change } : k)) });
  const free = allKeys.filter((k) => !keys.some((other) => other.key === k));
  return (
    <NamedForm
      of={menu}
      add={asks ? <Trans>Add a voice menu</Trans> : <Trans>Add an announcement</Trans>}
      name={values.name}
      onName={(name) => set({ name })}
      make={() => ok(api.POST("/api/v1/menus", { body: values }))}
      change={(path) => ok(api.PUT("/api/v1/menus/{id}", { params: { path }, body: values }))}
      keys={[menusKey, ["prompts"]]}
      onClose={onClose}
    >
      <Select
        label={t`Says`}
        required
        description={prompts.length ? undefined : t`Add a prompt first, above on this page`}
        data={prompts.map((p) => ({ value: p.id, label: p.name }))}
        value={values.prompt || null}
        onChange={(prompt) => set({ prompt: prompt ?? "" })}
      />
      {keys.map(({ key, to }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are known by their place
        <Fieldset key={i} legend={t`Key ${key}`}>
          <Stack gap="md">
            <Select
              label={t`Key`}
              allowDeselect={false}
              data={[key, ...free]}
              value={key}
              onChange={(v) => v && setKey(i, { key: v })}
            />
            <DestinationFields
              value={to as Destination}
              onChange={(change) => setKey(i, { to: { ...to, ...change } as Onward })}
              onward
            />
            <Button variant="subtle" color="gray" onClick={() => set({ keys: keys.filter((_, n) => n !== i) })}>
              <Trans>Remove this key</Trans>
            </Button>
          </Stack>
        </Fieldset>
      ))}
      {free[0] && (
        <Button
          variant="default"
          onClick={() => set({ keys: [...keys, { key: free[0]!, to: { kind: "user", seconds: 25 } }] })}
        >
          <Trans>Add a key</Trans>
        </Button>
      )}
      {asks && (
        <>
          <Switch
            label={t`Callers may dial an extension as well`}
            checked={values.direct ?? false}
            onChange={(e) => set({ direct: e.currentTarget.checked })}
          />
          <NumberInput
            label={t`Seconds to wait for a key`}
            min={1}
            max={60}
            value={values.wait || 5}
            onChange={(v) => set({ wait: Number(v) })}
          />
          <NumberInput
            label={t`Asks again, times`}
            min={0}
            max={9}
            value={values.repeats ?? 0}
            onChange={(v) => set({ repeats: Number(v) })}
          />
          <Select
            label={t`Language of “not a valid choice”`}
            allowDeselect={false}
            data={languages}
            value={values.language}
            onChange={(v) => v && set({ language: v as MenuInput["language"] })}
          />
        </>
      )}
      <Fieldset legend={asks ? t`If no key is pressed` : t`Then`}>
        <Stack gap="md">
          <DestinationFields
            value={(values.otherwise ?? hungUp) as Destination}
            onChange={(change) => set({ otherwise: { ...(values.otherwise ?? hungUp), ...change } as Onward })}
            onward
          />
        </Stack>
      </Fieldset>
    </NamedForm>
  );
}

const onward = ({ responsible: _, then: __, ties: ___, ...to }: Menu["keys"][number]["to"]) => to as Onward;

/** What the server takes, of what it gave. */
function inputOf({ name, prompt, language, keys, wait, repeats, direct, otherwise }: Menu): MenuInput {
  return {
    name,
    prompt,
    language: language as MenuInput["language"],
    wait,
    repeats,
    direct,
    keys: keys.map(({ key, to }) => ({ key, to: onward(to) })),
    otherwise: otherwise ? onward(otherwise) : hungUp,
  };
}
