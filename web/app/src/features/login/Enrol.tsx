import { Trans } from "@lingui/react/macro";
import { Button, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { complain } from "~/app/notify";
import classes from "./Login.module.css";
import { Codes, SetUp } from "./SecondFactor";

/** What stands before the workplace where the company asks for a second factor and the person has none yet. */
export default function Enrol() {
  const [codes, setCodes] = useState<string[]>();
  const out = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/logout")),
    onSuccess: () => location.assign("/"),
    onError: complain,
  });
  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <img src="/icon.svg" alt="" className={classes.logo} />
        <Title order={1}>
          <Trans>Set up your second factor</Trans>
        </Title>
        <Text c="dimmed">
          <Trans>Your company asks for a code of an app on your phone besides the password.</Trans>
        </Text>
        {codes ? <Codes codes={codes} onDone={() => void client.resetQueries()} /> : <SetUp onDone={setCodes} />}
        <Button variant="subtle" color="gray" loading={out.isPending} onClick={() => out.mutate()}>
          <Trans>Log out</Trans>
        </Button>
      </div>
    </main>
  );
}
