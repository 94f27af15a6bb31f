type Line = { id: string; name: string; kind: string; active: boolean };

/** Lines of carriers whose calls ring nobody, as none of their numbers leads anywhere. */
export function silentLines<L extends Line>(lines: readonly L[], numbers: readonly { trunk: string }[]): L[] {
  return lines.filter((l) => l.active && l.kind === "carrier" && !numbers.some((n) => n.trunk === l.id));
}
