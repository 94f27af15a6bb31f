import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Popover, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBriefcase, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { cards } from "~/app/card";
import { attempt, stale } from "~/app/live";
import { complain, offer } from "~/app/notify";
import classes from "./ThreadDeals.module.css";

type Props = { thread: string; mailbox: string };

/** The deals that a conversation is about: it stands on their timelines, and so does what follows in it. */
export function ThreadDeals({ thread, mailbox }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const deals = useDeals({ thread, mailbox });
  const path = (deal: string) => ({ params: { path: { id: thread, deal }, query: { mailbox } } });
  const put = async (deal: string, on: boolean) => {
    const at = "/api/v1/mail/threads/{id}/deals/{deal}";
    await ok(on ? api.PUT(at, path(deal)) : api.DELETE(at, path(deal)));
    stale("mail");
    stale("deal");
  };
  const change = async (deal: string, on: boolean) => {
    await put(deal, on);
    offer(on ? msg`On the deal's timeline` : msg`Off the deal's timeline`, () => void put(deal, !on).catch(complain));
  };
  return (
    <div className={classes.deals}>
      {deals.map(({ id, name }) => (
        <span key={id} className={classes.deal}>
          <button type="button" className={classes.name} onClick={() => cards.show({ kind: "deal", id })}>
            <IconBriefcase className={classes.icon} />
            {name}
          </button>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={t`Take off the deal ${name}`}
            onClick={() => attempt(change(id, false))}
          >
            <IconX className={classes.icon} />
          </ActionIcon>
        </span>
      ))}
      <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus>
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconBriefcase className={classes.icon} />}
            onClick={() => setOpen(!open)}
          >
            <Trans>Link to a deal</Trans>
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <DealSelect
            but={deals.map((d) => d.id)}
            onPick={(id) => {
              setOpen(false);
              attempt(change(id, true));
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

const none: never[] = [];

function useDeals({ thread, mailbox }: Props) {
  const at = { params: { path: { id: thread }, query: { mailbox } } };
  return (
    useQuery({
      queryKey: ["mail", "deals", mailbox, thread],
      queryFn: async () => (await ok(api.GET("/api/v1/mail/threads/{id}/deals", at))).items,
    }).data ?? none
  );
}

/** Finds a deal by its title. */
function DealSelect({ but, onPick }: { but: string[]; onPick: (id: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text, 200);
  const { data = none } = useQuery({
    queryKey: ["deals", "pick", q],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/deals", { params: { query: { q: q || undefined, limit: 8 } } }))).items,
    placeholderData: keepPreviousData,
  });
  const found = data.filter((d) => !but.includes(d.id));
  return (
    <Stack gap="xs">
      <TextInput
        data-autofocus
        size="xs"
        label={t`Deal`}
        placeholder={t`Title of the deal`}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
      />
      {found.map((d) => (
        <Button key={d.id} variant="subtle" color="gray" size="compact-sm" justify="start" onClick={() => onPick(d.id)}>
          {d.title}
        </Button>
      ))}
      {!found.length && (
        <Text size="xs" c="dimmed">
          <Trans>No such deal</Trans>
        </Text>
      )}
    </Stack>
  );
}
