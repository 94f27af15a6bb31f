import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { ComponentType } from "react";
import { Boxes } from "./Boxes";
import { Codes } from "./Codes";
import { Devices } from "./Devices";
import { Dispositions } from "./Dispositions";
import { DoNotCall } from "./DoNotCall";
import { Extensions } from "./Extensions";
import { HuntGroups } from "./HuntGroups";
import { Menus } from "./Menus";
import { Numbers } from "./Numbers";
import { Outbound } from "./Outbound";
import { Prompts } from "./Prompts";
import { Queues } from "./Queues";
import { RecordingPolicy } from "./RecordingPolicy";
import { RouteTrial } from "./RouteTrial";
import { Schedules } from "./Schedules";
import { Supervision } from "./Supervision";
import { Tolls } from "./Tolls";
import { Trunks } from "./Trunks";
import { WaysOut } from "./WaysOut";
import { Words } from "./Words";

export type Part = { id: string; name: MessageDescriptor; Content: ComponentType };
export type Parts = { name: MessageDescriptor; parts: Part[] };

/** What telephony has to set, in the order in which a company needs it. */
export const telephony: Parts[] = [
  {
    name: msg`Calls to us`,
    parts: [
      { id: "lines", name: msg`Lines`, Content: Trunks },
      { id: "numbers", name: msg`Numbers`, Content: Numbers },
      { id: "who-answers", name: msg`Who would answer?`, Content: RouteTrial },
      { id: "groups", name: msg`Hunt groups`, Content: HuntGroups },
      { id: "queues", name: msg`Queues`, Content: Queues },
      { id: "hours", name: msg`Working hours`, Content: Schedules },
    ],
  },
  {
    name: msg`Machines that answer`,
    parts: [
      { id: "prompts", name: msg`Prompts`, Content: Prompts },
      { id: "menus", name: msg`Voice menus`, Content: Menus },
      { id: "voicemail", name: msg`Voicemail`, Content: Boxes },
    ],
  },
  {
    name: msg`Phones`,
    parts: [
      { id: "extensions", name: msg`Extensions`, Content: Extensions },
      { id: "phones", name: msg`Desk phones`, Content: Devices },
      { id: "codes", name: msg`Feature codes`, Content: Codes },
    ],
  },
  {
    name: msg`Calls out`,
    parts: [
      { id: "out", name: msg`What may be called`, Content: Outbound },
      { id: "limits", name: msg`Limits`, Content: Tolls },
      { id: "routes", name: msg`Routes`, Content: WaysOut },
      { id: "do-not-call", name: msg`Asked not to be called`, Content: DoNotCall },
    ],
  },
  {
    name: msg`During and after a call`,
    parts: [
      { id: "recording", name: msg`Recording`, Content: RecordingPolicy },
      { id: "words", name: msg`Words of recordings`, Content: Words },
      { id: "listening", name: msg`Listening in`, Content: Supervision },
      { id: "results", name: msg`Results`, Content: Dispositions },
    ],
  },
];
