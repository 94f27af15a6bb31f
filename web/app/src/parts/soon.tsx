import { type ComponentType, lazy, useState } from "react";

/** A component that is fetched when it is needed, or before by fetch: then it is there at once, and takes the first key typed. */
export function soon<P extends object>(load: () => Promise<{ default: ComponentType<P> }>) {
  let there: ComponentType<P> | undefined;
  const fetch = async () => {
    const loaded = await load();
    there = loaded.default;
    return loaded;
  };
  const late = lazy(fetch) as unknown as ComponentType<P>;
  function Soon(props: P) {
    const [Is] = useState(() => there ?? late);
    return <Is {...props} />;
  }
  return Object.assign(Soon, { fetch: () => void fetch().catch(() => {}) }); // tried again when it is needed
}
