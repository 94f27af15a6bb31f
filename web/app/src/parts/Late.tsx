import { Skeleton, Stack } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";

const patience = 200; // ms: what comes faster shows no skeleton

/** Shows its children only when waiting takes long enough to notice. */
export function Late({ children }: { children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return late ? children : null;
}

/** Grey rows in place of a list that is on its way. */
export function LateRows({ count = 8 }: { count?: number }) {
  return (
    <Late>
      <Stack gap="md" p="lg" aria-busy="true">
        {Array.from({ length: count }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          <Skeleton key={i} height="var(--mantine-spacing-lg)" width={`${92 - ((i * 17) % 40)}%`} />
        ))}
      </Stack>
    </Late>
  );
}
