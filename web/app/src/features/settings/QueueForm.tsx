import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, Group, MultiSelect, NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import { type Queue, queuesKey, useUsers } from "~/api/queries";
import { word } from "~/app/words";
import { type Destination, DestinationFields } from "./Destination";
import { MusicSelect } from "./HoldMusic";
import { languages, promptsKey } from "./machines";
import { NamedForm } from "./NamedForm";
import { queueEnds, strategies } from "./strings";

/** A queue to be made or changed. */
export function QueueForm({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const { t } = useLingui();
  const [q, setQueue] = useState(queue);
  const set = (change: Partial<Queue>) => setQueue((v) => ({ ...v, ...change }));
  const users = useUsers().filter((u) => u.active || q.agents.includes(u.id));
  const { id, ...rest } = q;
  const leads = rest.leads as Record<string, Destination | undefined>;
  const body = { ...rest, leads };
  return (
    <NamedForm
      of={queue}
      add={<Trans>Add a queue</Trans>}
      name={q.name}
      onName={(name) => set({ name })}
      make={() => ok(api.POST("/api/v1/queues", { body }))}
      change={(path) => ok(api.PUT("/api/v1/queues/{id}", { params: { path }, body }))}
      keys={[queuesKey, ["queue"], promptsKey]}
      onClose={onClose}
    >
      <MultiSelect
        label={t`Agents`}
        description={t`They are rung while they are logged in, not paused and in no call`}
        searchable
        data={users.map((u) => ({ value: u.id, label: u.name }))}
        value={q.agents}
        onChange={(agents) => set({ agents })}
      />
      <Select
        label={t`Rings`}
        allowDeselect={false}
        data={Object.keys(strategies).map((value) => ({ value, label: word(strategies, value) }))}
        value={q.strategy}
        onChange={(v) => v && set({ strategy: v as Queue["strategy"] })}
      />
      <Group grow align="flex-end">
        <Amount
          label={t`Seconds each rings`}
          min={5}
          max={120}
          value={q.seconds}
          onChange={(seconds) => set({ seconds })}
        />
        <Amount
          label={t`Seconds after a call`}
          min={0}
          max={3600}
          value={q.wrap_up}
          onChange={(wrap_up) => set({ wrap_up })}
        />
      </Group>
      <Group grow align="flex-end">
        <Amount
          label={t`Callers at most (0: any)`}
          min={0}
          max={1000}
          value={q.max_waiting}
          onChange={(max_waiting) => set({ max_waiting })}
        />
        <Amount
          label={t`Seconds they wait at most`}
          min={10}
          max={7200}
          value={q.max_wait}
          onChange={(max_wait) => set({ max_wait })}
        />
      </Group>
      <Group grow align="flex-end">
        <Amount
          label={t`Seconds between announcements`}
          description={t`A caller is told his place and the expected wait; 0: never`}
          min={0}
          max={600}
          value={q.announce}
          onChange={(announce) => set({ announce })}
        />
        <Select
          label={t`Language`}
          allowDeselect={false}
          data={languages}
          value={q.language}
          onChange={(v) => v && set({ language: v as Queue["language"] })}
        />
      </Group>
      <MusicSelect
        label={t`Music while waiting`}
        description={t`One of the prompts, such as music that you uploaded`}
        none={t`The company's hold music`}
        value={q.music ?? ""}
        onChange={(music) => set({ music })}
      />
      <Callback value={q.callback} onChange={(change) => set({ callback: { ...q.callback, ...change } })} />
      <Amount
        label={t`Priority`}
        description={t`For agents of several queues, the callers of the highest come first: 0 to 10`}
        min={0}
        max={10}
        value={q.priority}
        onChange={(priority) => set({ priority })}
      />
      {Object.keys(queueEnds).map((end) => (
        <Lead
          key={end}
          title={word(queueEnds, end)}
          to={leads[end]}
          queue={id}
          onChange={(to) => set({ leads: { ...q.leads, [end]: to } })}
        />
      ))}
    </NamedForm>
  );
}

type CallbackProps = { value: Queue["callback"]; onChange: (change: Partial<Queue["callback"]>) => void };

/** Whether callers may hang up and be called when it is their turn. */
function Callback({ value, onChange }: CallbackProps) {
  const { t } = useLingui();
  return (
    <>
      <Switch
        label={t`Callers may ask to be called back`}
        description={t`Who presses 1 keeps the place: an agent is rung when it is the caller's turn, and calls`}
        checked={value.offered}
        onChange={(e) => onChange({ offered: e.currentTarget.checked })}
      />
      {value.offered && (
        <Group grow align="flex-end">
          <Amount
            label={t`Called at most (times)`}
            description={t`After that a task is left to call back`}
            min={1}
            max={10}
            value={value.tries}
            onChange={(tries) => onChange({ tries })}
          />
          <Amount
            label={t`Minutes between two calls`}
            min={1}
            max={240}
            value={value.minutes}
            onChange={(minutes) => onChange({ minutes })}
          />
        </Group>
      )}
    </>
  );
}

type AmountProps = {
  label: string;
  description?: string;
  min: number;
  max: number;
  value: number;
  onChange: (v: number) => void;
};

function Amount({ onChange, ...props }: AmountProps) {
  return <NumberInput allowDecimal={false} {...props} onChange={(v) => onChange(Number(v))} />;
}

type LeadProps = {
  title: string;
  to: Destination | undefined;
  queue: string;
  onChange: (to: Destination | undefined) => void;
};

/** Where a caller goes whom no agent takes. */
function Lead({ title, to, queue, onChange }: LeadProps) {
  const { t } = useLingui();
  return (
    <>
      <Switch
        label={t`${title}: lead the call elsewhere`}
        checked={to !== undefined}
        onChange={(e) => onChange(e.currentTarget.checked ? { kind: "user" } : undefined)}
      />
      {to && (
        <Fieldset legend={title}>
          <Stack gap="md">
            <DestinationFields
              value={to}
              onChange={(change) => onChange({ ...to, ...change })}
              withResponsible
              withoutQueue={queue}
              onward
            />
          </Stack>
        </Fieldset>
      )}
    </>
  );
}
