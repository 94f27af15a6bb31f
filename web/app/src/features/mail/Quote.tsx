import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, useComputedColorScheme } from "@mantine/core";
import { useMemo, useState } from "react";
import { lines, page } from "./MessageBody";
import classes from "./MessageBody.module.css";
import { framed } from "./pictures";

type Props = { html: string; label: string; open?: boolean; onRemove: () => void };

/** What follows what is written: folded, in a frame that may neither run scripts nor fetch anything. */
export function Quote({ html, label, open: first = false, onRemove }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(first);
  const dark = useComputedColorScheme() === "dark";
  const shown = useMemo(() => (open ? framed(html) : ""), [html, open]);
  return (
    <>
      <Group gap="xs">
        <Button
          variant="default"
          size="compact-xs"
          aria-expanded={open}
          aria-label={open ? t`Hide: ${label}` : t`Show: ${label}`}
          onClick={() => setOpen(!open)}
        >
          ••• {label}
        </Button>
        {open && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={onRemove}>
            <Trans>Take out</Trans>
          </Button>
        )}
      </Group>
      {open && (
        <iframe
          title={label}
          className={classes.frame}
          data-dark={dark}
          style={{ height: `calc(${Math.min(14, lines(shown))} * var(--mantine-line-height-sm))` }}
          sandbox=""
          srcDoc={page(shown, false, dark)}
        />
      )}
    </>
  );
}
