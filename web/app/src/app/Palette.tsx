import { useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconMail, IconPhone, IconPlus, IconSearch, IconUser, IconVideo } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent as ReactKeyboardEvent, type ReactNode, useEffect } from "react";
import { api, ok, type Ref } from "~/api";
import { useExtensionOf, useExtensions, useUsers } from "~/api/queries";
import { word } from "~/app/words";
import { newRecord } from "~/features/crm/new";
import { startMeeting } from "~/features/meetings/start";
import { day, phone } from "~/i18n/format";
import { Store, useStore } from "~/live/store";
import { cards } from "./card";
import { places } from "./keys";
import { attempt, useDial } from "./live";
import { explain } from "./notify";
import classes from "./Palette.module.css";
import { kinds } from "./words";

const whole = <T,>(value: T) => value;
const [store, spotlight] = createSpotlight();
/** What was typed, and whether Enter came before there was something to do. */
const typed = new Store({ text: "", dialling: false, enter: false });
const write = (text: string) => typed.set({ text, enter: false });

/** Opens the palette, to find or do anything or only to dial. */
export const palette = {
  open: () => show(false),
  dial: () => show(true),
};

function show(dialling: boolean): void {
  typed.set({ text: "", dialling, enter: false });
  spotlight.open();
  document.addEventListener("keydown", early, true);
}

/** Takes what is typed before the field has the focus: fast fingers lose nothing and trigger no other key. */
function early(e: KeyboardEvent): void {
  if (!store.getState().opened || (e.target as Element | null)?.closest("[data-palette]"))
    return document.removeEventListener("keydown", early, true);
  if (e.ctrlKey || e.altKey || e.metaKey || !takes(e.key)) return;
  e.preventDefault();
  e.stopImmediatePropagation();
}

function takes(key: string): boolean {
  const { text } = typed.get();
  if (key === "Enter") typed.set({ enter: true });
  else if (key === "Backspace") write(text.slice(0, -1));
  else if (key.length === 1) write(text + key);
  else return false;
  return true;
}

/** Enter in the field: Mantine does what is picked; when nothing is yet, the first thing is done as soon as there is one. */
function entered(e: ReactKeyboardEvent): void {
  const picked = document.querySelector(`#${store.getState().listId} [data-selected]`);
  if (e.key === "Enter" && !e.nativeEvent.isComposing && !picked) typed.set({ enter: true });
}

type Item = { id: string; label: string; detail?: string; icon: ReactNode; group: string; run: () => void };

/** Find anything, do anything: people and records from the server, pages and deeds from here. */
export function Palette() {
  const { t } = useLingui();
  const { text, dialling: only, enter } = useStore(typed, whole);
  const wanted = text.trim();
  const records = useRecords(wanted, only);
  const items = [...useDialItems(wanted), ...records.items, ...useSaid(wanted, only), ...useDeeds(wanted, only)];
  const first = enter && !records.coming ? items[0] : undefined;
  useEffect(() => {
    if (!first) return;
    typed.set({ enter: false });
    spotlight.close();
    first.run();
  }, [first]);
  const groups = [...new Set(items.map((i) => i.group))];
  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={write}
      scrollable
      maxHeight="60vh"
      clearQueryOnClose
      shortcut={null}
      centered={false}
      yOffset="14vh"
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 100 }}
    >
      <Spotlight.Search
        data-palette
        onKeyDown={entered}
        placeholder={only ? t`Number or name to call` : t`Find a client, or what to do`}
        leftSection={<IconSearch className={classes.icon} />}
      />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {items
              .filter((i) => i.group === group)
              .map((i) => (
                <Spotlight.Action key={i.id} onClick={i.run}>
                  {i.icon}
                  <span className={classes.item}>
                    <Text span truncate>
                      {i.label}
                    </Text>
                    <Text span className={classes.detail} size="xs" truncate>
                      {i.detail}
                    </Text>
                  </span>
                </Spotlight.Action>
              ))}
          </Spotlight.ActionsGroup>
        ))}
        {items.length === 0 && (
          <Spotlight.Empty role={records.error ? "alert" : undefined}>
            {records.error ? explain(records.error) : wanted ? t`Nothing found` : t`Type a number or a name`}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/** Calling what was typed, when it looks like a number. */
function useDialItems(wanted: string): Item[] {
  const { t } = useLingui();
  const dial = useDial();
  const extensions = useExtensions();
  const users = useUsers();
  const number = wanted.replace(/[\s().-]/g, "");
  if (!/^\+?[\d*#]{2,}$/.test(number)) return [];
  return [
    {
      id: "dial",
      group: t({ message: "Call", context: "verb" }),
      label: t`Call ${phone(number)}`,
      detail: users.find((u) => u.id === extensions.find((e) => e.number === number)?.user)?.name,
      icon: <IconPhone className={classes.icon} />,
      run: () => dial(number),
    },
  ];
}

/** What the server finds; coming while it still looks for these words. */
function useRecords(wanted: string, dialling: boolean): { items: Item[]; coming: boolean; error?: Error | null } {
  const { t } = useLingui();
  const dial = useDial();
  const extensionOf = useExtensionOf();
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
    placeholderData: keepPreviousData,
  });
  if (wanted.length < 2) return { items: [], coming: false };
  const items = (found.data?.items ?? []).flatMap((hit): Item[] => {
    const number = hit.points.find((p) => p.kind === "phone")?.value;
    const call = {
      group: t({ message: "Call", context: "verb" }),
      icon: <IconPhone className={classes.icon} />,
      label: t`Call ${hit.name}`,
    };
    if ((hit.ref.kind as string) === "user") {
      const extension = extensionOf(hit.ref.id);
      return extension ? [{ ...call, id: `call-${hit.ref.id}`, detail: extension, run: () => dial(extension) }] : [];
    }
    const kind = word(kinds, hit.ref.kind);
    const show: Item = {
      id: hit.ref.id,
      group: dialling ? t`Show` : t`Found`,
      label: hit.name,
      detail: [kind, hit.subtitle].filter(Boolean).join(" · "),
      icon: <IconUser className={classes.icon} />,
      run: () => cards.show(hit.ref as Ref),
    };
    if (!dialling) return [show];
    return number ? [{ ...call, id: `call-${hit.ref.id}`, detail: phone(number), run: () => dial(number) }] : [];
  });
  return { items, coming: found.isFetching, error: found.error };
}

/** Calls in which the words were said. */
function useSaid(wanted: string, dialling: boolean): Item[] {
  const { t } = useLingui();
  const navigate = useNavigate();
  const asked = !dialling && wanted.length > 2 && !/^[\d\s().+*#-]+$/.test(wanted);
  const { data } = useQuery({
    queryKey: ["search", "said", wanted],
    queryFn: async ({ signal }) =>
      (await ok(api.GET("/api/v1/recordings/said", { params: { query: { q: wanted, limit: 5 } }, signal }))).items,
    enabled: asked,
    placeholderData: keepPreviousData,
  });
  if (!asked) return [];
  return (data ?? []).map(({ of, recording, text }) => ({
    id: `said-${recording}`,
    group: t`Said in calls`,
    label: text,
    detail: [
      of.direction === "out" ? of.to_name || phone(of.to) : of.from_name || phone(of.from),
      day(of.started),
    ].join(" · "),
    icon: <IconPhone className={classes.icon} />,
    run: () => void navigate({ to: "/calls", search: { said: wanted } }),
  }));
}

function useDeeds(wanted: string, only: boolean): Item[] {
  const { t, i18n } = useLingui();
  const navigate = useNavigate();
  if (only) return [];
  const add = <IconPlus className={classes.icon} />;
  const deeds: Item[] = [
    {
      id: "mail",
      group: t`Do`,
      label: t`Write a mail`,
      detail: "c",
      icon: <IconMail className={classes.icon} />,
      run: () => void navigate({ to: "/mail", search: { compose: "" } }),
    },
    {
      id: "meet",
      group: t`Do`,
      label: t`Start a meeting`,
      icon: <IconVideo className={classes.icon} />,
      run: () => attempt(startMeeting(t`Meeting`, navigate)),
    },
    { id: "lead", group: t`Do`, label: t`New lead`, icon: add, run: () => newRecord("lead") },
    { id: "deal", group: t`Do`, label: t`New deal`, icon: add, run: () => newRecord("deal") },
    { id: "contact", group: t`Do`, label: t`New contact`, icon: add, run: () => newRecord("contact") },
    { id: "company", group: t`Do`, label: t`New company`, icon: add, run: () => newRecord("company") },
    ...places.map((p) => ({
      id: `go-${p.key}`,
      group: t`Go to`,
      label: i18n._(p.name),
      detail: `g ${p.key}`,
      icon: <IconArrowRight className={classes.icon} />,
      run: () => void navigate(p),
    })),
  ];
  return deeds.filter((d) => d.label.toLowerCase().includes(wanted.toLowerCase()));
}
