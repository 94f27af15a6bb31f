import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useParams } from "@tanstack/react-router";
import { type ComponentType, Fragment, useRef } from "react";
import { useMe } from "~/api/queries";
import { word } from "~/app/words";
import { Automation } from "~/features/automation/Automation";
import { Empty } from "~/parts/Empty";
import { Page } from "~/parts/Page";
import { Company } from "./Company";
import { Crm } from "./Crm";
import { MailSettings } from "./MailSettings";
import { Offers } from "./Offers";
import { PartSelect, PartsNav, parted, useParts } from "./PartsNav";
import { People } from "./People";
import { Security } from "./Security";
import classes from "./Settings.module.css";
import { System } from "./System";
import { pageNames } from "./strings";
import { Telephony } from "./Telephony";
import { Webhooks } from "./Webhooks";

const pages: Record<keyof typeof pageNames, ComponentType> = {
  company: Company,
  people: People,
  telephony: Telephony,
  mail: MailSettings,
  crm: Crm,
  offers: Offers,
  automation: Automation,
  integrations: Webhooks,
  security: Security,
  system: System,
};

/** Settings, for admins. */
export default function Settings() {
  const { i18n, t } = useLingui();
  const me = useMe();
  const params = useParams({ strict: false });
  const page = (params.page && params.page in pages ? params.page : "company") as keyof typeof pages;
  const Content = pages[page];
  const content = useRef<HTMLElement>(null);
  const parts = parted[page];
  const current = useParts(parts, content);
  if (me && me.role !== "admin") return <Empty title={<Trans>Settings are for administrators</Trans>} />;
  return (
    <Page flush title={t`Settings`}>
      <div className={classes.settings}>
        <nav className={classes.nav} aria-label={t`Settings`}>
          {Object.entries(pageNames).map(([key, name]) => (
            <Fragment key={key}>
              <Link
                to="/settings/$page"
                params={{ page: key }}
                className={classes.link}
                aria-current={key === page ? "page" : undefined}
                activeProps={{}}
              >
                {i18n._(name)}
              </Link>
              {key === page && parts && <PartsNav page={page} parts={parts} current={current} />}
            </Fragment>
          ))}
        </nav>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section ref={content} className={classes.content} aria-label={word(pageNames, page)} tabIndex={0}>
          {parts && <PartSelect page={page} parts={parts} current={current} />}
          <div className={classes.inner}>
            <Content />
          </div>
        </section>
      </div>
    </Page>
  );
}
