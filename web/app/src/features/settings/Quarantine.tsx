import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { say } from "~/app/notify";
import { word } from "~/app/words";
import { fileSize } from "~/i18n/format";
import { DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { FormDialog } from "~/parts/FormDialog";
import { LateRows } from "~/parts/Late";
import { State } from "~/parts/State";
import { When } from "~/parts/When";
import { Row, Section, useDo, useSave } from "./parts";
import { QuarantinePolicy, quarantinePolicyKey } from "./QuarantinePolicy";
import classes from "./Settings.module.css";
import { stopCauses } from "./strings";

type Held = components["schemas"]["QuarantinedMail"];

const key = ["mail-quarantine"];

/** Mail that was stopped: who from and for and why, never what it says. */
export function Quarantine() {
  return (
    <Section
      title={<Trans>Quarantine</Trans>}
      about={
        <Trans>
          Mail with a virus, forged mail and certain junk can be kept here in place of its mailbox. You see its head,
          not what it says. Released mail comes to its recipients as if it had just arrived.
        </Trans>
      }
    >
      <QuarantinePolicy />
      <Kept />
    </Section>
  );
}

function Kept() {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...key, q],
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/api/v1/mail/quarantine", {
          params: { query: { after: pageParam || undefined, q: q || undefined } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (before) => before,
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={3} />;
  const all = data.pages.flatMap((p) => p.items);
  return (
    <>
      {(all.length > 0 || typed) && (
        <TextInput
          aria-label={t`Find by sender, recipient or subject`}
          placeholder={t`Find by sender, recipient or subject`}
          maxLength={200}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
      )}
      <ul className={classes.rows}>
        {all.map((held) => (
          <One key={held.id} held={held} />
        ))}
        {all.length === 0 && (
          <li className={classes.none}>
            {q ? (
              <Trans>No stopped mail has these words.</Trans>
            ) : (
              <State is="live">
                <Trans>No mail is kept here.</Trans>
              </State>
            )}
          </li>
        )}
      </ul>
      {hasNextPage && (
        <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>More</Trans>
        </Button>
      )}
    </>
  );
}

function One({ held }: { held: Held }) {
  const [warned, setWarned] = useState(false);
  const path = { id: held.id };
  const touched = [key, quarantinePolicyKey];
  const released = () => {
    setWarned(false);
    say(msg`Delivered to its recipients`);
  };
  const ask = (anyway: boolean) => () =>
    ok(api.POST("/api/v1/mail/quarantine/{id}/release", { params: { path, query: { anyway } } }));
  const release = useDo<void>(ask(false), touched, released);
  const anyway = useSave(ask(true), touched, released);
  const drop = useDo<void>(() => ok(api.DELETE("/api/v1/mail/quarantine/{id}", { params: { path } })), touched);
  const virus = held.cause === "virus";
  const from = held.from.name ? `${held.from.name} <${held.from.address}>` : held.from.address || held.sender;
  return (
    <Row title={held.subject || <Trans>(no subject)</Trans>} detail={<Detail held={held} from={from} />}>
      <Button
        variant="default"
        data-open
        loading={release.isPending}
        onClick={() => (virus ? setWarned(true) : release.mutate())}
      >
        <Trans>Release</Trans>
      </Button>
      <DeleteButton onDelete={() => drop.mutate()} />
      <FormDialog
        opened={warned}
        onClose={() => setWarned(false)}
        title={<Trans>This mail has a virus</Trans>}
        save={<Trans>Release it all the same</Trans>}
        saving={anyway}
        onSave={() => anyway.mutate()}
      >
        <Alert color="red">{held.reason}</Alert>
        <Text>
          <Trans>
            Whoever opens it may lose the computer, and with it the company's data. Release it only if you have asked
            the sender by another way and know that the scanner errs.
          </Trans>
        </Text>
      </FormDialog>
    </Row>
  );
}

function Detail({ held, from }: { held: Held; from: string }) {
  const to = held.to.join(", ");
  return (
    <>
      <div>
        {from} → {to}
      </div>
      <div>
        <When at={held.at} /> · {fileSize(held.size)} · {word(stopCauses, held.cause)}: {held.reason}
      </div>
    </>
  );
}
