import type { MessageDescriptor } from "@lingui/core";
import { msg, plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Tooltip } from "@mantine/core";
import { IconMail, IconPhone, IconSettings, IconSun, IconUsers, IconVideo } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useMe } from "~/api/queries";
import { useUnheard } from "~/features/recordings/queries";
import classes from "./Rail.module.css";

type Item = {
  to: string;
  name: MessageDescriptor;
  icon: ComponentType<{ className?: string; "aria-hidden"?: boolean }>;
  key: string;
  exact?: boolean;
};

const items: Item[] = [
  { to: "/", name: msg`My day`, icon: IconSun, key: "g h", exact: true },
  { to: "/crm", name: msg`Clients`, icon: IconUsers, key: "g c" },
  { to: "/mail", name: msg`Mail`, icon: IconMail, key: "g m" },
  { to: "/calls", name: msg`Calls`, icon: IconPhone, key: "g p" },
  { to: "/meetings", name: msg`Meetings`, icon: IconVideo, key: "g v" },
];
const settings: Item = { to: "/settings", name: msg`Settings`, icon: IconSettings, key: "g s" };

/** Where am I. Settings are for admins only. */
export function Rail() {
  const { t } = useLingui();
  const admin = useMe()?.role === "admin";
  return (
    <nav className={classes.rail} aria-label={t`Pages`}>
      {items.map((i) => (
        <RailLink key={i.to} item={i} />
      ))}
      {admin && <RailLink item={settings} last />}
    </nav>
  );
}

/** How many voice messages wait for somebody to hear them. */
function Unheard() {
  const n = useUnheard();
  if (!n) return null;
  return (
    <span
      className={classes.count}
      role="status"
      aria-label={plural(n, { one: "# new voice message", other: "# new voice messages" })}
    >
      {n}
    </span>
  );
}

function RailLink({ item: { to, name, icon: Icon, key, exact }, last }: { item: Item; last?: boolean }) {
  const { i18n } = useLingui();
  return (
    <Tooltip label={key} position="right">
      <Link
        to={to}
        className={classes.item}
        data-last={last}
        activeOptions={{ exact: exact ?? false }}
        activeProps={{ "aria-current": "page" }}
      >
        <Icon className={classes.icon} aria-hidden />
        <span className={classes.name}>{i18n._(name)}</span>
        {to === "/calls" && <Unheard />}
      </Link>
    </Tooltip>
  );
}
