import { Trans } from "@lingui/react/macro";
import { Button, Text, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { live } from "~/app/live";
import { explain } from "~/app/notify";
import { LiveError } from "~/live/protocol";

/** Where who is not invited stands: before the door, asking those inside, or turned away. */
type Standing = "outside" | "asked" | "empty" | "refused";

/** How often one who waits asks again, in ms: the server forgets who does not. */
const askAgain = 10_000;

/** The door for somebody who is not invited: those inside may let him in. */
export function Knock({ room, joining, onAdmitted }: { room: string; joining: boolean; onAdmitted: () => void }) {
  const { standing, fault, ask, stop } = useKnock(room, onAdmitted);
  const waits = standing === "asked" || standing === "empty";
  return (
    <>
      <Title order={1}>
        <Trans>You are not invited to this meeting</Trans>
      </Title>
      <Text role="status">
        {standing === "outside" && <Trans>Those inside can let you in.</Trans>}
        {standing === "asked" && (
          <Trans>Those inside see that you ask. You come in as soon as one of them lets you.</Trans>
        )}
        {standing === "empty" && <Trans>Nobody is inside yet. They see that you ask as soon as they come.</Trans>}
        {standing === "refused" && <Trans>Those inside did not let you in. You can ask again in a minute.</Trans>}
      </Text>
      {fault !== undefined && (
        <Text c="var(--fd-bad)" role="alert">
          {explain(fault)}
        </Text>
      )}
      {waits ? (
        <Button size="md" variant="default" loading={joining} onClick={stop}>
          <Trans>Stop asking</Trans>
        </Button>
      ) : (
        <Button size="md" onClick={ask} autoFocus>
          <Trans>Ask to be let in</Trans>
        </Button>
      )}
    </>
  );
}

function useKnock(room: string, onAdmitted: () => void) {
  const [standing, setStanding] = useState<Standing>("outside");
  const [fault, setFault] = useState<unknown>();
  const admitted = useRef(onAdmitted);
  admitted.current = onAdmitted;
  const waits = standing === "asked" || standing === "empty";
  const ask = async () => {
    setFault(undefined);
    try {
      const { state = "asked" } = await live.socket.ask("meet.knock", { room });
      if (state === "invited") admitted.current();
      else setStanding(state);
    } catch (err) {
      const turned = err instanceof LiveError && err.code === "turned_away";
      setStanding(turned ? "refused" : "outside");
      if (!turned) setFault(err);
    }
  };
  const again = useRef(ask);
  again.current = ask;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => void again.current(), askAgain);
    const offs = [
      live.socket.on("meet.admitted", (to) => to.room === room && admitted.current()),
      live.socket.on("meet.refused", (by) => by.room === room && setStanding("refused")),
    ];
    return () => {
      clearInterval(timer);
      for (const off of offs) off();
      void live.socket.ask("meet.knock", { room, over: true }).catch(() => {}); // it is forgotten soon anyway
    };
  }, [waits, room]);
  return { standing, fault, ask: () => void ask(), stop: () => setStanding("outside") };
}
