import { Boxes } from "./Boxes";
import { Codes } from "./Codes";
import { Devices } from "./Devices";
import { Dispositions } from "./Dispositions";
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

/** Lines to the outside, our numbers, and the phones inside. */
export function Telephony() {
  return (
    <>
      <Trunks />
      <Numbers />
      <HuntGroups />
      <Queues />
      <Schedules />
      <Prompts />
      <Menus />
      <Boxes />
      <RecordingPolicy />
      <Supervision />
      <RouteTrial />
      <Extensions />
      <Devices />
      <Codes />
      <Dispositions />
      <Outbound />
      <Tolls />
      <WaysOut />
    </>
  );
}
