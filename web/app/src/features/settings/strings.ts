import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";
import type { Trouble } from "./trouble";

export const pageNames = {
  company: msg`Company`,
  people: msg`People`,
  telephony: msg`Telephony`,
  mail: msg`Mail`,
  crm: msg`Clients`,
  offers: msg`Offers and invoices`,
  automation: msg`Automation`,
  integrations: msg`Integrations`,
  security: msg`Security`,
  system: msg`System`,
};

export const roles: Words = { admin: msg`Administrator`, user: msg`User` };

/** Which records a user sees. */
export const accesses: Words = {
  own: msg`Own clients`,
  department: msg`The department's clients`,
  all: msg`All clients`,
};

/** What ties a colleague to a client, besides being responsible. */
export const ties: Words = {
  spoke: msg`Who last spoke with the client`,
  missed: msg`Who missed the client's last call`,
  deal: msg`Who has an open deal with the client`,
};

/** What the line says of a caller's number. */
export const vouched: Words = {
  passed: msg`The line has verified the number`,
  none: msg`The line has not verified the number`,
  failed: msg`The number failed the line's check`,
};

/** In on whose calls a user may listen. */
export const supervised: Words = {
  "": msg`Nobody's calls`,
  department: msg`The department's calls`,
  all: msg`All calls`,
};

/** What a line is doing. */
export const trunkStates: Words = {
  registered: msg`Registered`,
  waiting: msg`Waiting for the PBX`,
  reachable: msg`Reachable`,
  unreachable: msg`Does not answer`,
  refused: msg`Refuses us`,
  unknown: msg`Not asked yet`,
  off: msg`Switched off`,
};

/** What is wrong with a line, and the next step. */
export const troubles: Record<Trouble, MessageDescriptor> = {
  waiting: msg`The PBX has not registered here yet. Enter our address, the user and the password there.`,
  lost: msg`The PBX is registered but does not answer: what is between us let it fall. Have it register more often, or over TCP.`,
  password: msg`The line refused the password. Check user and password, then test again.`,
  user: msg`The line does not know this user or number. Compare it with what your carrier gave you.`,
  name: msg`The host's name is not found. Check how it is spelled.`,
  silent: msg`The host does not answer. Check host, port and transport, and whether a firewall lets us out.`,
  closed: msg`Nothing listens at that port. Check port and transport.`,
  busy: msg`The line takes no calls now. Wait, then test again; if it stays so, ask your carrier.`,
  certificate: msg`The encrypted connection (TLS) fails. What is wrong with it, and what to do, stands below.`,
  other: msg`The line does not work. What it said is below: ask your carrier with it.`,
};

/** Why mail was stopped. */
export const stopCauses: Words = { virus: msg`Virus`, forged: msg`Forged`, spam: msg`Junk` };

/** What becomes of mail that is stopped. */
export const stopActions: Words = {
  junk: msg`into the recipient's Junk`,
  quarantine: msg`keep in quarantine`,
  reject: msg`refuse, so that its sender hears of it`,
};

/** Who is asked to bring mail again. */
export const greylistModes: Words = {
  off: msg`Nobody`,
  suspicious: msg`Who brings mail whose author nothing proves, or junk`,
  all: msg`Everybody who is not known`,
};

export const assignments: Words = {
  user: msg`to a colleague`,
  department: msg`to a department`,
  next_available: msg`to the next available of a department`,
  least_busy: msg`to the least busy of a department`,
  admin: msg`to an administrator`,
  nobody: msg`to nobody yet`,
};

export const jobStates: Words = { ready: msg`waiting`, leased: msg`running`, dead: msg`given up` };

export const nodeStates: Words = {
  up: msg`Works`,
  draining: msg`Being stopped: takes nothing new`,
  lost: msg`Silent: the others take over`,
  gone: msg`Not running`,
};

export const stageKinds: Words = { open: msg`Open`, won: msg`Won`, lost: msg`Lost` };

/** In which order a hunt group is rung. */
export const strategies: Words = {
  together: msg`All together`,
  in_order: msg`One after another, in the order of the list`,
  round_robin: msg`One after another, each call begins with the next`,
  longest_idle: msg`One after another, first who has been free for longest`,
  random: msg`One after another, by chance`,
};

/** What may come of waiting in a queue. */
export const queueEnds: Words = {
  nobody: msg`No agent is logged in`,
  full: msg`Too many wait`,
  waited: msg`Waited too long`,
};

/** When a call goes on another way, by what came of a step. */
export const ifs: Words = {
  no_answer: msg`if nobody answers`,
  busy: msg`if busy`,
  declined: msg`if declined`,
  unavailable: msg`if not reachable`,
  not_found: msg`if there is no such number`,
  failed: msg`if the line fails`,
  done: msg`then`,
  vouched: msg`if the line vouches for it`,
  doubted: msg`if the number is in doubt`,
  timeout: msg`if no key is pressed`,
  invalid: msg`if a wrong key is pressed`,
  open: msg`if open`,
  closed: msg`if closed`,
  holiday: msg`on a holiday`,
  full: msg`if too many wait`,
  waited: msg`after waiting too long`,
  nobody: msg`if no agent is logged in`,
};

/** What a test of a line finds out, step by step. */
export const trunkSteps: Words = {
  address: msg`Its name is found`,
  options: msg`It answers`,
  register: msg`It lets us register`,
  bound: msg`It is registered here`,
  taken: msg`The line takes the call`,
  rings: msg`It rings there`,
  answered: msg`Somebody answers`,
  sound: msg`Sound comes back`,
};

/** What a test of a line has found to be so, and the next step. */
export const trunkFaults: Words = {
  address: msg`Its name is not found. Check the host.`,
  options: msg`It does not answer. Check host, port, transport and the firewall.`,
  register: msg`It does not let us register. Check user and password.`,
  bound: msg`It is not registered here. Enter our address, the user name and its password there.`,
  taken: msg`The line refuses the call. Check the number shown when calling out and how numbers are sent.`,
  answered: msg`Nobody answered. The line works as far as the other phone.`,
  sound: msg`No sound comes back. Check that the firewall lets sound (RTP) through.`,
};

/** What a code does that is dialled, as they are listed. */
export const features: Words = {
  pickup: msg`Take a call that rings in one's group`,
  pickup_of: msg`Take the call that rings a colleague: and his extension`,
  take_here: msg`Take one's call to this phone`,
  park: msg`Park a call; with its slot, take it`,
  dnd_on: msg`Do not disturb: on`,
  dnd_off: msg`Do not disturb: off`,
  forward_on: msg`Forward all calls to the number after it`,
  forward_off: msg`Forward no calls any more`,
  agent_on: msg`Log in to one's queues`,
  agent_off: msg`Log out of one's queues`,
  pause_on: msg`Pause: no calls of queues`,
  pause_off: msg`Ready for calls of queues again`,
  messages: msg`Hear one's voice messages`,
  greeting: msg`Record one's voicemail greeting`,
};

/** What other programs can be told. */
export const eventNames: Words = {
  "call.ringing": msg`A call rings`,
  "call.answered": msg`A call is answered`,
  "call.ended": msg`A call has ended`,
  "card.open": msg`A client's card opens`,
  "lead.created": msg`New lead`,
  "mail.received": msg`Mail has come`,
  "meeting.started": msg`A meeting begins`,
  "meeting.ended": msg`A meeting has ended`,
  "meeting.joined": msg`Somebody joins a meeting`,
  "meeting.left": msg`Somebody leaves a meeting`,
  "calls.stopped": msg`Calls out of somebody are stopped`,
  "contact.changed": msg`A contact changes`,
  "company.changed": msg`A company changes`,
  "lead.changed": msg`A lead changes`,
  "deal.changed": msg`A deal changes`,
  "deal.moved": msg`A deal moves to another stage`,
  "lead.moved": msg`A lead moves to another stage`,
  "automation.webhook": msg`A rule tells this webhook`,
  "task.created": msg`New task`,
  "task.done": msg`A task is done`,
  "task.opened": msg`A task is open again`,
  "offer.created": msg`New offer`,
  "offer.sent": msg`An offer is sent`,
  "offer.accepted": msg`An offer is accepted`,
  "offer.declined": msg`An offer is declined`,
  "offer.reopened": msg`An offer is open again`,
  "invoice.created": msg`New invoice`,
  "invoice.issued": msg`An invoice is issued`,
  "invoice.sent": msg`An invoice is sent`,
  "invoice.paid": msg`An invoice is paid`,
  "invoice.cancelled": msg`An invoice is cancelled`,
  "invoice.reopened": msg`An invoice is not paid after all`,
  "webhook.test": msg`Test`,
};

/** How a delivery to another program does. */
export const deliveryStates: Words = {
  waiting: msg`Waits`,
  delivered: msg`Arrived`,
  failed: msg`Did not arrive`,
};

/** Why a delivery did not arrive, and the next step. */
export const deliveryTroubles: Words = {
  private: msg`The address is in a private network: name it under webhooks.allow in the configuration`,
  plain: msg`The address must begin with https`,
  name: msg`The name in the address is not found: check how it is spelled`,
  refused: msg`Nothing listens at the address: check the port`,
  timeout: msg`No answer within 10 seconds`,
  certificate: msg`The certificate of the address is not valid`,
  redirect: msg`The program says that it is at another address: enter that one`,
  status: msg`The program refused it: its answer is under Details`,
  other: msg`The connection failed: what it said is under Details`,
};
