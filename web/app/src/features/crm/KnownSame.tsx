import { Suspense, useState } from "react";
import type { Ref } from "~/api";
import { soon } from "~/parts/soon";
import { KnownAs } from "./KnownAs";

const Merge = soon(() => import("./Merge"));

type Props = { kind: "phone" | "email"; text: string; of: Ref };

/** Who has the number already that is typed into a card, and the way to make one of both. */
export default function KnownSame({ kind, text, of }: Props) {
  const [same, setSame] = useState<string>(); // it stays when the number is taken and its field is gone
  return (
    <>
      <KnownAs kind={kind} text={text} of={of} onSame={of.kind === "deal" ? undefined : setSame} />
      <Suspense>
        {same && of.kind !== "deal" && <Merge kind={of.kind} ids={[of.id, same]} onClose={() => setSame(undefined)} />}
      </Suspense>
    </>
  );
}
