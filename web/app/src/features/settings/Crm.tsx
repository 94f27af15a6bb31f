import { Fields } from "./Fields";
import { Pipelines } from "./Pipelines";
import { Rules } from "./Rules";

/** Stages of sales, to whom new clients go, and what is known of them. */
export function Crm() {
  return (
    <>
      <Rules />
      <Pipelines />
      <Fields />
    </>
  );
}
