/** The words for the server's codes. What is not listed is shown as it is. */
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Activity, CardView } from "~/api";
import { phone } from "~/i18n/format";
import type { DeviceFault } from "~/media/devices";

export type Words = Record<string, MessageDescriptor>;

/** The word for a code in the language now spoken; the code itself when there is none. */
export function word(words: Words, code: string): string {
  return words[code] ? i18n._(words[code]) : code;
}

/** Why a call ended without having been a conversation. "" and "normal" need no word. */
export const causes: Words = {
  busy: msg`Busy`,
  declined: msg`Declined`,
  no_answer: msg`No answer`,
  callback: msg`Asked to be called back`,
  cancelled: msg`The caller gave up`,
  elsewhere: msg`Answered elsewhere`,
  unavailable: msg`Nobody is reachable there now. Try again later.`,
  not_found: msg`No such number. Check it and dial again.`,
  forbidden: msg`Calls to this number are not allowed. An administrator can allow its country in Settings → Telephony.`,
  limits: msg`The limits of calls out are used up. An administrator finds them in Settings → Telephony.`,
  unwanted: msg`This number asked not to be called.`,
  no_codec: msg`The other side speaks no sound format we know. Tell your administrator which number you called.`,
  overload: msg`All lines are taken. Try again in a moment.`,
  media_lost: msg`The connection was lost. Check your network, then call again.`,
  draining: msg`The server is restarting. Try again in a moment.`,
  cut_off: msg`The call was cut off by a restart`,
  ended_away: msg`The call ended while Frontdesk was not connected`,
  failed: msg`The line did not take the call. Try again; if it stays so, tell your administrator: Settings → Telephony tests the line.`,
};

/** How one supervises a call of others. */
export const hows: Words = {
  listen: msg`Only listen`,
  whisper: msg`Whisper to the agent`,
  barge: msg`Barge in`,
};

/** What a network is like to talk over. */
export const networkWords: Words = {
  good: msg`Good connection`,
  fair: msg`Weak network: words may get lost`,
  poor: msg`Bad network: move closer to the Wi-Fi, or take a cable`,
};

/** What an agent of queues does. */
export const agentStates: Words = {
  offline: msg`Logged out`,
  paused: msg`Paused`,
  rung: msg`Is rung`,
  talking: msg`With a caller`,
  busy: msg`In another call`,
  wrap_up: msg`After a call`,
  free: msg`Waits for a call`,
};

/** Which way working hours sent a call. */
export const hoursSaid: Words = {
  open: msg`Within working hours`,
  closed: msg`Outside working hours`,
  holiday: msg`On a holiday`,
};

/** What the carrier's word on the caller did. */
export const vouchSaid: Words = {
  vouched: msg`The carrier's word let it through`,
  doubted: msg`The carrier does not vouch for the number`,
};

/** Where a user's own settings sent a call. */
export const personalSaid: Words = {
  forwarded: msg`forwards all calls`,
  do_not_disturb: msg`does not want to be disturbed`,
  closed: msg`outside of own hours`,
};

/** Why an operation on the live socket was not done; "refused" says its cause itself. */
export const refusals: Words = {
  offline: msg`Not connected. Frontdesk is trying again.`,
  taken: msg`Another tab or phone was faster.`,
  inside: msg`You are in this meeting already, in another tab.`,
  not_invited: msg`You are not invited to this meeting. Ask those inside to let you in.`,
  no_right: msg`You may not listen in on this call.`,
  not_found: msg`There is no such call any more.`,
  put_out: msg`You are no longer invited to this meeting, so you were taken out of it.`,
  turned_away: msg`Those inside did not let you in. You can ask again in a minute.`,
  no_room: msg`There is no such meeting any more.`,
  full: msg`The meeting is full: somebody has to leave first.`,
  limit: msg`Too much at once. Wait a moment, then try again.`,
  unreached: msg`The server that runs this can't be reached just now. Try again in a moment.`,
  draining: causes.draining!,
  no_codec: causes.no_codec!,
};

export const passwordChanged = msg`Password changed`;
export const sessionsEnded = msg`Logged out there`;

/** What an API token may do. */
export const scopes: Words = {
  read: msg`Read only`,
  write: msg`Read and write`,
  admin: msg`Administer`,
};
export const outcomes: Words = {
  answered: msg`Answered`,
  missed: msg`Missed`,
  busy: msg`Busy`,
  declined: msg`Declined`,
  cancelled: msg`Cancelled`,
  failed: msg`Failed`,
  open: msg`Open`,
  done: msg`Done`,
  "": msg`Now`,
};

/** What came of ringing somebody on the way of a call; of an answer, who took it is told. */
export const ends: Words = {
  busy: outcomes.busy!,
  declined: outcomes.declined!,
  no_answer: causes.no_answer!,
  cancelled: msg`Stopped ringing`,
  elsewhere: causes.elsewhere!,
  unavailable: msg`Not reachable`,
  not_found: msg`No such number`,
  forbidden: msg`Not allowed`,
  limits: msg`Limits used up`,
  no_codec: msg`No common sound format`,
  overload: msg`All lines taken`,
  cut_off: causes.cut_off!,
  failed: msg`The line failed`,
  "": outcomes[""]!,
};

export const leadStages: Words = {
  new: msg`New`,
  in_progress: msg`In progress`,
  converted: msg`Converted`,
  junk: msg`Junk`,
};

export const sources: Words = {
  call: msg`Call`,
  mail: msg`Mail`,
  meeting: msg`Meeting`,
  manual: msg`By hand`,
  api: msg`API`,
  import: msg`Import`,
};

/** What an entry of a timeline says: a person's own words, or the server's in the language now spoken. */
export function titleOf({ title, made }: Pick<Activity, "title" | "made">): string {
  const stage = (name: string | undefined) =>
    !name ? "–" : made?.what === "lead_stage" ? word(leadStages, name) : name;
  const [from, to] = [stage(made?.from), stage(made?.to)];
  switch (made?.what) {
    case "lead_stage":
    case "deal_stage":
      return i18n._(msg`Stage: ${from} → ${to}`);
    case "responsible":
      return i18n._(msg`Responsible: ${from} → ${to}`);
    case "field": {
      const [field, was, is] = [made.name ?? "", made.from || "–", made.to || "–"];
      return `${field}: ${was} → ${is}`;
    }
    case "claimed": {
      const [number, by, whose] = [phone(made.name ?? ""), made.to ?? "–", made.from ?? "–"];
      return i18n._(msg`${number} of a client of ${whose}, entered by ${by}`);
    }
    case "call_back": {
      const name = phone(made.name ?? "");
      return i18n._(msg`Call back ${name}`);
    }
  }
  return title;
}

/** What stands below a card's name; of a lead, where it came from. */
export function subtitleOf({ subtitle, lead }: Pick<CardView, "subtitle" | "lead">): string {
  if (!lead) return subtitle;
  return [word(sources, lead.source), phone(lead.line ?? ""), lead.company_name].filter(Boolean).join(" · ");
}

/** Why a card ranks where it does. */
export const reasons: Words = {
  open_deal: msg`open deal`,
  recent: msg`spoken to last`,
  yours: msg`yours`,
  number: msg`same number`,
  thread: msg`in this conversation`,
  primary: msg`main number`,
  company: msg`company number`,
  shared: msg`shared number`,
};

export const kinds: Words = { contact: msg`Contact`, company: msg`Company`, lead: msg`Lead`, deal: msg`Deal` };

export const deviceFaults: Record<DeviceFault, Record<"microphone" | "camera", MessageDescriptor>> = {
  denied: {
    microphone: msg`The browser may not use the microphone. Allow it beside the address, then try again.`,
    camera: msg`The browser may not use the camera. Allow it beside the address, then try again.`,
  },
  missing: {
    microphone: msg`No microphone was found. Connect one, then try again.`,
    camera: msg`No camera was found. Connect one, then try again.`,
  },
  busy: {
    microphone: msg`Another program holds the microphone. Close it, then try again.`,
    camera: msg`Another program holds the camera. Close it, then try again.`,
  },
  insecure: {
    microphone: msg`Browsers open the microphone only on secure (https) pages. Ask your administrator for a certificate.`,
    camera: msg`Browsers open the camera only on secure (https) pages. Ask your administrator for a certificate.`,
  },
};
