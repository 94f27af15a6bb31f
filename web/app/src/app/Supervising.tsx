import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl, Text } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import type { Supervising as How } from "~/live/protocol";
import type { MyCall } from "~/live/state";
import { State } from "~/parts/State";
import classes from "./CallBar.module.css";
import { attempt, live } from "./live";
import { useTalkers } from "./Overheard";
import { Timer } from "./Timer";
import { hows, word } from "./words";

/** A call of others in on which we listen, and whether they hear us. */
export default function Supervising({ call: { leg, view } }: { call: MyCall }) {
  const { t } = useLingui();
  const who = useTalkers(view);
  const how = view.supervising?.how ?? "listen";
  return (
    <div className={classes.bar} data-state="answered" data-leg={leg} data-testid="supervising">
      <span className={classes.time}>
        <State is={how === "listen" ? "wait" : "live"}>
          <Timer since={view.answered} />
        </State>
      </span>
      <Text span fw={600} truncate className={classes.who}>
        {who}
      </Text>
      <SegmentedControl
        size="xs"
        aria-label={t`Who hears you`}
        value={how}
        onChange={(to) => attempt(live.superviseAs(leg, to as How))}
        data={(["listen", "whisper", "barge"] as const).map((value) => ({ value, label: word(hows, value) }))}
      />
      <Button
        color="red"
        leftSection={<IconPhoneOff className={classes.icon} />}
        onClick={() => attempt(live.hangup(leg))}
        className={classes.end}
      >
        <Trans>Leave</Trans>
      </Button>
    </div>
  );
}
