import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl, Text } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import { useUsers } from "~/api/queries";
import { phone } from "~/i18n/format";
import type { CallView, Supervising as How } from "~/live/protocol";
import type { MyCall } from "~/live/state";
import { State } from "~/parts/State";
import classes from "./CallBar.module.css";
import { attempt, live } from "./live";
import { Timer } from "./Timer";
import { hows, word } from "./words";

/** A call of others in on which we listen, and whether they hear us. */
export function Supervising({ call: { leg, view } }: { call: MyCall }) {
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

/** Who listens in on a call of ours, as far as the company has it shown. */
export function Overheard({ of }: { of: CallView }) {
  const { t } = useLingui();
  const users = useUsers();
  return of.supervisors?.map(({ user, how }) => {
    const name = users.find((u) => u.id === user)?.name ?? "—";
    return (
      <State key={user} is={how === "listen" ? "wait" : "live"}>
        {how === "listen"
          ? t`${name} listens`
          : how === "whisper"
            ? t`${name} whispers to you`
            : t`${name} is in the call`}
      </State>
    );
  });
}

/** Who talks in a call: our people, then the other side. */
export function useTalkers(view: CallView): string {
  const users = useUsers();
  const { t } = useLingui();
  const active = view.legs.filter((l) => l.state === "active");
  const ours = active.filter((l) => l.user).map((l) => users.find((u) => u.id === l.user)?.name ?? "—");
  const theirs = active
    .filter((l) => !l.user)
    .map((l) => (view.direction === "in" && view.from_name) || l.name || phone(l.number) || t`Unknown`);
  return [...ours, ...theirs].join(" – ");
}
