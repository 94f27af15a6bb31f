import { Pipelines } from "./Pipelines";
import { Rules } from "./Rules";

/** Stages of sales, and to whom new clients go. */
export function Crm() {
  return (
    <>
      <Rules />
      <Pipelines />
    </>
  );
}
