import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, TagsInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { choicesKey, useChoices } from "~/features/calls/Disposition";
import { Section, useDo } from "./parts";
import classes from "./Settings.module.css";

type Choices = components["schemas"]["Dispositions"];

/** What can be said of a call when it is over, in the company's own words. */
export function Dispositions() {
  const choices = useChoices();
  return (
    <Section
      title={<Trans>What came of a call</Trans>}
      about={<Trans>Colleagues choose from these during and after a call; reports count them.</Trans>}
    >
      {choices && <Form key={JSON.stringify(choices)} choices={choices} />}
    </Section>
  );
}

function Form({ choices }: { choices: Choices }) {
  const { t } = useLingui();
  const [values, setValues] = useState(choices);
  const save = useDo(
    () => ok(api.PUT("/api/v1/telephony/dispositions", { body: values })),
    [choicesKey],
    () => say(msg`Saved`),
  );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <TagsInput
        label={t`Results`}
        description={t`Type one, such as Sold or Not interested, and press Enter`}
        maxTags={50}
        value={values.results}
        onChange={(results) => setValues({ ...values, results })}
      />
      <TagsInput
        label={t`Next steps`}
        description={t`Such as Send the offer or Call again`}
        maxTags={50}
        value={values.next_steps}
        onChange={(next_steps) => setValues({ ...values, next_steps })}
      />
      <Group>
        <Button type="submit" size="sm" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </form>
  );
}
