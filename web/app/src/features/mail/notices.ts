import { msg } from "@lingui/core/macro";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { live } from "~/app/live";
import { propose } from "~/app/notify";
import { noticeWords } from "./team";

/** Tells whoever was given a conversation, or is mentioned beside one, with the way there. */
export function useMailNotices(): void {
  const navigate = useNavigate();
  useEffect(
    () =>
      live.socket.on("mail.notice", ({ mailbox, thread, ...notice }) => {
        const go = () => void navigate({ to: "/mail", search: { box: mailbox, thread } });
        propose(noticeWords(notice), msg`Open`, go, 10_000);
      }),
    [navigate],
  );
}
