import type { ReactNode } from "react";

/** One thing that is known of a record. */
export function Fact({ label, tool, children }: { label: ReactNode; tool?: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>
        {label}
        {tool}
      </dt>
      <dd>{children}</dd>
    </>
  );
}
