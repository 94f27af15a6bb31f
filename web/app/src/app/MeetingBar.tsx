import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import { State } from "~/parts/State";
import classes from "./CallBar.module.css";
import { attempt, live, useLiveState } from "./live";

/** The way back to a meeting that goes on behind another page. */
export function MeetingBar() {
  const { stage, rooms } = useLiveState();
  const path = useRouterState({ select: (s) => s.location.pathname });
  if (!stage || path === `/meetings/${stage.room}`) return null;
  return (
    <div className={classes.bar}>
      <State is="live">
        <Trans>In a meeting</Trans>
      </State>
      <Text fw={600} truncate flex={1}>
        {rooms[stage.room]?.title}
      </Text>
      <Button variant="default" component={Link} to={`/meetings/${stage.room}`}>
        <Trans>Back to the meeting</Trans>
      </Button>
      <Button color="red" onClick={() => attempt(live.meeting.leave())}>
        <Trans>Leave</Trans>
      </Button>
    </div>
  );
}
