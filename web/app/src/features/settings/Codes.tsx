import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { say } from "~/app/notify";
import { word } from "~/app/words";
import { Section, useDo } from "./parts";
import { features } from "./strings";

type Codes = Record<string, string>;

const queryKey = ["codes"];

/** What is dialled on a phone for what the screen does by a click. */
export function Codes() {
  const { data } = useQuery({ queryKey, queryFn: () => ok(api.GET("/api/v1/telephony/codes")) });
  return (
    <Section
      title={<Trans>Feature codes</Trans>}
      about={<Trans>What desk phones dial. An empty one is not in use.</Trans>}
    >
      {data && <Form key={JSON.stringify(data)} codes={data as Codes} />}
    </Section>
  );
}

function Form({ codes }: { codes: Codes }) {
  const [values, setValues] = useState(codes);
  const save = useDo(
    () => ok(api.PUT("/api/v1/telephony/codes", { body: values })),
    [queryKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  const names = Object.keys(features).filter((name) => name in codes);
  return (
    <form onSubmit={submit}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mb="md">
        {names.map((name) => (
          <TextInput
            key={name}
            label={word(features, name)}
            value={values[name] ?? ""}
            onChange={(e) => setValues({ ...values, [name]: e.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}
