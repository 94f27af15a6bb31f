import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { CardPane } from "~/features/card/CardPane";
import { Facts, Timeline } from "~/features/card/RecordCard";
import { newStore } from "~/features/crm/new";
import { useMailNotices } from "~/features/mail/notices";
import { useStore } from "~/live/store";
import { soon } from "~/parts/soon";
import { useWalk } from "~/parts/walk";
import { useAttention } from "./attention";
import { CallBar } from "./CallBar";
import { useCard } from "./card";
import { HelpDialog } from "./HelpDialog";
import { Incoming } from "./Incoming";
import { pageKeys, useShortcuts } from "./keys";
import { unwanted, useLiveState } from "./live";
import { Palette, palette } from "./Palette";
import { Rail } from "./Rail";
import classes from "./Shell.module.css";
import { callShortcuts, generalShortcuts } from "./shortcuts";
import { TopBar } from "./TopBar";

const Unwanted = lazy(() => import("~/features/calling/Unwanted"));
const NewRecord = soon(() => import("~/features/crm/NewRecord"));

/** One window, three constant places: rail, main, card. */
export function Shell() {
  const card = useCard();
  const { stage } = useLiveState();
  const made = useStore(newStore, (s) => s.kind);
  const asked = useStore(unwanted, (s) => s.number);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const onStage = stage !== undefined && path === `/meetings/${stage.room}`;
  const ofPage = useStore(pageKeys, (p) => p.keys);
  const shortcuts = useMemo(
    () => [
      ...ofPage,
      ...generalShortcuts({
        go: (to) => void navigate(to),
        find: palette.open,
        dial: palette.dial,
        help: () => setHelp(true),
      }),
      ...callShortcuts({ go: (to) => void navigate(to) }),
    ],
    [navigate, ofPage],
  );
  useEffect(() => {
    Facts.fetch();
    Timeline.fetch();
    NewRecord.fetch();
  }, []);
  useShortcuts(shortcuts);
  useWalk();
  useAttention();
  useMailNotices();
  useEffect(() => {
    if (path) setHelp(false);
  }, [path]);
  const shown = card.ref !== undefined || card.event !== undefined;

  return (
    <div className={classes.shell} data-card={shown} data-stage={onStage}>
      <TopBar onHelp={() => setHelp(true)} />
      <Rail />
      <main className={classes.main} id="main">
        <Outlet />
      </main>
      {shown && <CardPane />}
      <CallBar />
      <Incoming />
      <Palette />
      <Suspense>
        {made && <NewRecord />}
        {asked && <Unwanted number={asked} />}
      </Suspense>
      <HelpDialog opened={help} onClose={() => setHelp(false)} shortcuts={shortcuts} />
    </div>
  );
}
