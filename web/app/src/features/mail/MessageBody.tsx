import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, useComputedColorScheme } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { useMemo } from "react";
import { fileSize } from "~/i18n/format";
import { night, paper } from "~/theme";
import { folded } from "./fold";
import classes from "./MessageBody.module.css";
import type { Message } from "./queries";

type Props = { message: Message; remote: boolean; onRemote: () => void };

/** What a message says. HTML stays in a frame that may neither run scripts nor fetch anything; pictures from elsewhere are asked for. */
export function MessageBody({ message, remote, onRemote }: Props) {
  const { t } = useLingui();
  const dark = useComputedColorScheme() === "dark";
  const html = useMemo(() => folded(message.html), [message.html]);
  return (
    <>
      {message.remote && !remote && (
        <Group gap="sm" className={classes.held}>
          <Text c="dimmed" flex={1}>
            <Trans>Pictures from the internet are not shown: they tell the sender that you read this.</Trans>
          </Text>
          <Button variant="default" onClick={onRemote}>
            <Trans>Show pictures</Trans>
          </Button>
        </Group>
      )}
      {message.html ? (
        <iframe
          title={message.subject || t`Mail`}
          className={classes.frame}
          data-dark={dark}
          style={{ height: `calc(${lines(html)} * var(--mantine-line-height-sm))` }}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={page(html, remote, dark)}
        />
      ) : (
        <div className={classes.text}>{message.text}</div>
      )}
      {message.files.length > 0 && (
        <Group gap="sm" className={classes.files}>
          {message.files.map((f) => (
            <a
              key={f.part}
              className={classes.file}
              href={`/api/v1/mail/messages/${message.id}/files/${f.part}`}
              download={f.name}
            >
              <IconPaperclip className={classes.icon} aria-hidden />
              {f.name || f.part}{" "}
              <Text span c="dimmed">
                {fileSize(f.size)}
              </Text>
            </a>
          ))}
        </Group>
      )}
    </>
  );
}

/** The document of the frame, with its own policy. */
export function page(html: string, remote: boolean, dark = false): string {
  const images = remote ? "data: https: http:" : "data:";
  const policy = `default-src 'none'; img-src ${images}; style-src 'unsafe-inline'`;
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><base target="_blank"><style>${paper}${dark ? night : ""}</style>${html}`;
}

/** About how many lines a text will take: the frame cannot be measured from outside, it scrolls when this was too few. */
export function lines(html: string): number {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const quoted of body.querySelectorAll("details > :not(summary)")) quoted.remove();
  const blocks = body.querySelectorAll("p,div,br,tr,li,h1,h2,h3,blockquote").length;
  const pictures = body.querySelectorAll("img").length;
  const rows = (body.textContent ?? "").split("\n").map((line) => Math.max(1, Math.ceil(line.length / 56)));
  const text = rows.reduce((sum, n) => sum + n, 0);
  return Math.min(60, Math.max(5, text + blocks + pictures * 6 + 2));
}
