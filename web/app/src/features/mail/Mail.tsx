import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, SegmentedControl, Select, Text } from "@mantine/core";
import { IconArrowLeft, IconMail, IconPencil } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Empty, Failure } from "~/parts/Empty";
import Composer from "./Composer";
import { Find } from "./Find";
import { Folders, useFolderName } from "./Folders";
import classes from "./Mail.module.css";
import { useFolders, useMailboxes } from "./queries";
import { ScheduledList } from "./ScheduledList";
import team from "./Team.module.css";
import { Thread } from "./Thread";
import { Threads } from "./Threads";
import { type Taken, useShared } from "./team";

/** Boxes and folders, conversations, one conversation; its client is in the card beside. */
export default function Mail() {
  const { t } = useLingui();
  const search = useSearch({ from: "/mail" });
  const { key: mailKey, stored } = useMailKey(search.compose, search.draft);
  const navigate = useNavigate({ from: "/mail" });
  const boxes = useMailboxes();
  const box = boxes.find((b) => b.id === search.box) ?? boxes[0];
  const { data: folders = [], error, refetch } = useFolders(box?.id);
  const folder = folders.find((f) => f.id === search.folder) ?? folders.find((f) => f.name === "INBOX") ?? folders[0];
  const shared = useShared(box?.id) !== undefined;
  if (!boxes.length) {
    return (
      <Empty icon={<IconMail />} title={<Trans>You have no mailbox yet</Trans>}>
        <Trans>An administrator can give you one in Settings → Mail.</Trans>
      </Empty>
    );
  }
  const writing = search.compose !== undefined || search.draft !== undefined;
  const back = () =>
    void navigate({
      search: (s) => ({ ...s, thread: undefined, compose: undefined, draft: undefined, answer: undefined }),
    });
  const find = (q: string, all?: boolean) =>
    void navigate({
      search: (s) => ({ ...s, q: q || undefined, all: (q && all) || undefined, thread: undefined }),
      replace: true,
    });
  return (
    <div className={classes.mail} data-reading={search.thread !== undefined || writing}>
      <Folders boxes={boxes} box={box} folder={folder} scheduled={search.scheduled} />
      <section className={classes.list} aria-label={t`Conversations`}>
        <div className={classes.bar}>
          <FolderSelect boxes={boxes} box={box} folder={folder} />
          <Find value={search.q ?? ""} all={boxes.length > 1 ? (search.all ?? false) : undefined} onChange={find} />
          <ActionIcon
            variant="filled"
            color="accent"
            aria-label={t`Write a mail`}
            onClick={() =>
              void navigate({ search: (s) => ({ ...s, compose: "", thread: undefined, draft: undefined }) })
            }
          >
            <IconPencil className={classes.icon} />
          </ActionIcon>
        </div>
        {shared && !search.scheduled && <TakenFilter value={search.taken} />}
        {search.scheduled ? (
          <ScheduledList />
        ) : error && !folders.length ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : (
          <Threads
            key={`${box?.id} ${folder?.id} ${search.q} ${search.all} ${search.taken}`}
            box={box?.id}
            folder={folder}
            folders={folders}
            q={search.q}
            all={search.all ?? false}
            selected={search.thread}
            taken={shared ? search.taken : undefined}
          />
        )}
      </section>
      <section className={classes.reading} aria-label={t`Conversation`}>
        <Button
          className={classes.back}
          variant="subtle"
          color="gray"
          leftSection={<IconArrowLeft className={classes.icon} />}
          onClick={back}
        >
          <Trans>Back</Trans>
        </Button>
        {writing && (
          <div className={classes.write}>
            <Text fw={600}>
              <Trans>New mail</Trans>
            </Text>
            <Composer
              key={mailKey}
              start={{ to: search.compose ? search.compose.split(", ") : [] }}
              draft={search.draft}
              onSaved={(id) => {
                stored(id);
                void navigate({ search: (s) => ({ ...s, draft: id }), replace: true });
              }}
              onDone={back}
            />
          </div>
        )}
        {!writing && search.thread && box && (
          <Thread
            key={`${search.thread} ${search.answer ?? ""}`}
            thread={search.thread}
            mailbox={box.id}
            folders={folders}
            answering={search.answer}
            onGone={back}
          />
        )}
        {!writing && !search.thread && (
          <Empty icon={<IconMail />} title={<Trans>Choose a conversation</Trans>}>
            <Trans>Arrow keys walk the list, Enter opens, c writes a new mail.</Trans>
          </Empty>
        )}
      </section>
    </div>
  );
}

/** Which conversations of a shared mailbox are shown: what a colleague has taken need not be in one's way. */
function TakenFilter({ value }: { value: Taken | undefined }) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/mail" });
  const go = (v: string) =>
    void navigate({ search: (s) => ({ ...s, taken: v === "all" ? undefined : (v as Taken) }), replace: true });
  return (
    <div className={team.filter}>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t`Whose conversations`}
        value={value ?? "all"}
        onChange={go}
        data={[
          { value: "all", label: t`All` },
          { value: "open", label: t`Not taken by others` },
          { value: "mine", label: t`Mine` },
          { value: "none", label: t`Nobody's` },
        ]}
      />
    </div>
  );
}

/** A key that changes with every other mail, but not when the one that is written is stored and its draft comes into the address bar. */
function useMailKey(compose: string | undefined, draft: string | undefined) {
  const [here] = useState(() => new Set<string>());
  const [seen, setSeen] = useState(draft);
  const [mail, setMail] = useState(0);
  if (seen !== draft) {
    setSeen(draft);
    if (!draft) setMail(mail + 1);
  }
  const key = draft && !here.has(draft) ? draft : `new ${mail} ${compose}`;
  return { key, stored: (id: string) => here.add(id) };
}

/** In place of the column of folders, where there is no room for it. */
function FolderSelect({ boxes, box, folder }: Parameters<typeof Folders>[0]) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/mail" });
  const name = useFolderName();
  const folders = useFolders(box?.id).data ?? [];
  const data = [
    { group: box?.address ?? "", items: folders.map((f) => ({ value: f.id, label: name(f) })) },
    ...(boxes.length > 1
      ? [
          {
            group: t`Other boxes`,
            items: boxes.filter((b) => b !== box).map((b) => ({ value: `box:${b.id}`, label: b.name || b.address })),
          },
        ]
      : []),
  ];
  const go = (v: string | null) =>
    void navigate({ search: v?.startsWith("box:") ? { box: v.slice(4) } : { box: box?.id, folder: v ?? undefined } });
  return (
    <Select
      className={classes.select}
      size="xs"
      aria-label={t`Folder`}
      data={data}
      value={folder?.id ?? null}
      onChange={go}
    />
  );
}
