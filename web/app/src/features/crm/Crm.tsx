import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, SegmentedControl, Switch, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconFileImport, IconPlus, IconSearch, IconTrash } from "@tabler/icons-react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Kind, Plural } from "~/api";
import { useMe } from "~/api/queries";
import { Page } from "~/parts/Page";
import { Board } from "./Board";
import classes from "./Crm.module.css";
import { ListView } from "./ListView";
import { newRecord } from "./new";
import { listTitles } from "./strings";

const kindOf: Record<Plural, Kind> = { leads: "lead", deals: "deal", contacts: "contact", companies: "company" };

/** Leads, deals, contacts and companies: one page, four lists. */
export default function Crm() {
  const { i18n, t } = useLingui();
  const params = useParams({ from: "/crm/$list" });
  const list = (params.list in kindOf ? params.list : "leads") as Plural;
  const search = useSearch({ from: "/crm/$list" });
  const { q, view, mine, where, order } = search;
  const navigate = useNavigate({ from: "/crm/$list" });
  const me = useMe();
  const filter = {
    q,
    responsible: mine ? me?.id : undefined,
    where: where && JSON.stringify(where),
    order: order === "amount" && list !== "deals" ? undefined : order,
  };
  const board = list === "deals" && view !== "list";
  return (
    <Page
      flush
      title={<Tabs />}
      actions={
        <>
          {list === "deals" && (
            <SegmentedControl
              size="xs"
              aria-label={t`View`}
              value={view ?? "board"}
              onChange={(v) =>
                void navigate({ search: (s) => ({ ...s, view: v === "list" ? "list" : undefined }), replace: true })
              }
              data={[
                { value: "board", label: t`Board` },
                { value: "list", label: t`List` },
              ]}
            />
          )}
          <Switch
            size="xs"
            label={<Trans>Mine</Trans>}
            checked={mine ?? false}
            onChange={(e) =>
              void navigate({ search: (s) => ({ ...s, mine: e.currentTarget.checked || undefined }), replace: true })
            }
          />
          <Search
            key={list}
            value={q ?? ""}
            label={t`Search: ${i18n._(listTitles[list])}`}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text || undefined }), replace: true })}
          />
          <Tooltip label={t`Import`}>
            <ActionIcon component={Link} to="/import" variant="default" size="md" aria-label={t`Import`}>
              <IconFileImport className={classes.icon} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t`Bin`}>
            <ActionIcon component={Link} to="/bin" variant="default" size="md" aria-label={t`Bin`}>
              <IconTrash className={classes.icon} />
            </ActionIcon>
          </Tooltip>
          <Button
            leftSection={<IconPlus className={classes.icon} />}
            onClick={() => newRecord(kindOf[list])}
            aria-label={t`New`}
          >
            <Trans>New</Trans>
          </Button>
        </>
      }
    >
      {board ? (
        <Board filter={{ ...filter, where: undefined, order: undefined }} />
      ) : (
        <ListView
          key={list}
          list={list}
          kind={kindOf[list]}
          filter={filter}
          search={search}
          onChange={(change) => void navigate({ search: (s) => ({ ...s, ...change }), replace: true })}
        />
      )}
    </Page>
  );
}

function Tabs() {
  const { i18n } = useLingui();
  return (
    <span className={classes.tabs}>
      {Object.entries(listTitles).map(([list, title]) => (
        <Link
          key={list}
          to="/crm/$list"
          params={{ list }}
          className={classes.tab}
          activeProps={{ "aria-current": "page" }}
          activeOptions={{ includeSearch: false }}
        >
          {i18n._(title)}
        </Link>
      ))}
    </span>
  );
}

function Search({ value, label, onChange }: { value: string; label: string; onChange: (text: string) => void }) {
  const later = useDebouncedCallback(onChange, 200);
  return (
    <TextInput
      size="xs"
      type="search"
      className={classes.search}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch className={classes.icon} />}
      defaultValue={value}
      onChange={(e) => later(e.currentTarget.value)}
    />
  );
}
