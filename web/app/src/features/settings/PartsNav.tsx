import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { NativeSelect, Text } from "@mantine/core";
import { useLinkProps, useLocation, useNavigate } from "@tanstack/react-router";
import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { usePageKeys } from "~/app/keys";
import { type Parts, telephony } from "./parts.telephony";
import classes from "./Settings.module.css";

/** Pages that are long enough to be walked by their parts. */
export const parted: Record<string, Parts[]> = { telephony };

type Props = { page: string; parts: Parts[]; current: string | undefined };

/** The parts of a page, in groups. */
export function PartsNav({ page, parts, current }: Props) {
  const { i18n } = useLingui();
  return (
    <div className={classes.parts}>
      {parts.map((group) => (
        <div key={group.name.id} role="group" aria-label={i18n._(group.name)}>
          <Text className={classes.group} aria-hidden>
            {i18n._(group.name)}
          </Text>
          {group.parts.map(({ id, name }) => (
            <PartLink key={id} page={page} part={id} current={id === current}>
              {i18n._(name)}
            </PartLink>
          ))}
        </div>
      ))}
    </div>
  );
}

type PartLinkProps = { page: string; part: string; current: boolean; children: string };

/** Link would call each part the current page: all have the address of the page. */
function PartLink({ page, part, current, children }: PartLinkProps) {
  const link = useLinkProps({ to: "/settings/$page", params: { page }, hash: part, onClick: () => show(part) });
  return (
    <a {...link} className={classes.partLink} aria-current={current ? "location" : undefined}>
      {children}
    </a>
  );
}

/** The same where there is no room for a list. */
export function PartSelect({ page, parts, current }: Props) {
  const { t, i18n } = useLingui();
  const navigate = useNavigate();
  return (
    <NativeSelect
      className={classes.partSelect}
      aria-label={t`Part of the page`}
      value={current ?? ""}
      data={parts.map((g) => ({
        group: i18n._(g.name),
        items: g.parts.map(({ id, name }) => ({ value: id, label: i18n._(name) })),
      }))}
      onChange={(e) => {
        const id = e.currentTarget.value;
        void navigate({ to: "/settings/$page", params: { page }, hash: id, replace: true });
        show(id);
      }}
    />
  );
}

/** Brings a part to the top, and goes on with the keyboard there. */
function show(id: string): void {
  const part = document.getElementById(id);
  part?.scrollIntoView();
  part?.focus({ preventScroll: true });
}

const near = 80; // px below the top where a part counts as the one that is read

/** Which part of a scrolled page is read, by its id; and the keys that go from one to the next. */
export function useParts(parts: Parts[] | undefined, content: RefObject<HTMLElement | null>): string | undefined {
  const hash = useLocation({ select: (l) => l.hash });
  const [current, setCurrent] = useState<string>();
  const look = useCallback(() => {
    const box = content.current;
    if (!box) return;
    const all = [...box.querySelectorAll("[data-part]")];
    const end = box.scrollTop + box.clientHeight >= box.scrollHeight - 1;
    const top = box.getBoundingClientRect().top + near;
    const read = all.filter((p) => p.getBoundingClientRect().top <= top).at(-1) ?? all[0];
    const asked = all.find((p) => p.id === hash);
    const atEnd = end && asked && asked.getBoundingClientRect().top < box.getBoundingClientRect().bottom;
    setCurrent((atEnd ? asked : read)?.id);
  }, [content, hash]);
  useEffect(() => {
    const box = content.current;
    if (!parts || !box) return;
    look();
    box.addEventListener("scroll", look, { passive: true });
    return () => box.removeEventListener("scroll", look);
  }, [parts, content, look]);
  useArrival(parts !== undefined, hash, content);
  const ids = useMemo(() => (parts ?? []).flatMap((g) => g.parts.map((p) => p.id)), [parts]);
  const go = useCallback(
    (by: number) => {
      const id = ids[Math.min(Math.max(ids.indexOf(current ?? "") + by, 0), ids.length - 1)];
      if (id) show(id);
    },
    [ids, current],
  );
  const keys = useMemo(
    () =>
      ids.length
        ? [
            { keys: "]", what: msg`Next part of the page`, do: () => go(1) },
            { keys: "[", what: msg`Part of the page before`, do: () => go(-1) },
          ]
        : [],
    [ids, go],
  );
  usePageKeys(keys);
  return current;
}

const settles = 10_000; // ms in which what stands above a part comes from the server

/** Keeps the part that the address names at the top while the page fills, until somebody scrolls. */
function useArrival(asked: boolean, hash: string, content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = content.current;
    if (!asked || !hash || !box) return;
    const hold = () => document.getElementById(hash)?.scrollIntoView();
    const grown = new ResizeObserver(hold);
    for (const child of box.children) grown.observe(child);
    const leave = () => grown.disconnect();
    const end = setTimeout(leave, settles);
    for (const e of ["wheel", "touchstart", "keydown", "pointerdown"]) box.addEventListener(e, leave, { once: true });
    return () => {
      clearTimeout(end);
      leave();
    };
  }, [asked, hash, content]);
}
