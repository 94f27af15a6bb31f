import { type CellContext, type ColumnDef, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import classes from "./DataTable.module.css";

const features = tableFeatures({});

export type Column<T> = {
  id: string;
  title: string;
  /** Share of the width, as in a CSS grid: "2fr", "var(--fd-col)". */
  width: string;
  cell: (row: T) => ReactNode;
  /** Hidden where the window is narrow. */
  minor?: boolean;
  end?: boolean;
};

type Props<T> = {
  label: string;
  rows: readonly T[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
  onOpen: (row: T) => void;
  selected?: string;
  /** Called when the end comes near. */
  onEnd?: () => void;
  /** Rows that are picked, by key: with it each row can be, by its box or the X key. */
  picked?: ReadonlySet<string>;
  onPick?: (key: string, on: boolean) => void;
  /** What a row's box is called. */
  pickLabel?: (row: T) => string;
};

/** A virtual table; see useWalk. */
export function DataTable<T extends object>({
  label,
  rows,
  columns,
  rowKey,
  onOpen,
  selected,
  onEnd,
  ...picks
}: Props<T>) {
  const { picked, onPick, pickLabel } = picks;
  const scroller = useRef<HTMLDivElement>(null);
  const defs = useMemo(() => columns.map((c) => definition(c)), [columns]);
  const table = useTable({ features, columns: defs, data: rows, getRowId: rowKey });
  const lines = table.getRowModel().rows;
  const height = useRowHeight();
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length && last >= lines.length - 10) onEnd?.();
  }, [last, lines.length, onEnd]);
  const box = picked ? ["var(--fd-icon)"] : [];
  const template = {
    "--wide": [...box, ...columns.map((c) => c.width)].join(" "),
    "--narrow": [...box, ...columns.flatMap((c) => (c.minor ? [] : [c.width]))].join(" "),
  } as CSSProperties;

  return (
    <div ref={scroller} className={classes.scroller}>
      <div role="table" aria-label={label} aria-rowcount={lines.length} className={classes.table}>
        <div role="row" className={classes.head} style={template}>
          {picked && <span role="columnheader" aria-label={pickLabel && "✓"} />}
          {columns.map((c) => (
            <span role="columnheader" key={c.id} data-minor={c.minor} data-end={c.end} className={classes.cell}>
              {c.title}
            </span>
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const line = lines[item.index]!;
            return (
              <div
                role="row"
                key={line.id}
                tabIndex={0}
                data-step
                aria-rowindex={item.index + 1}
                aria-selected={selected === line.id}
                className={classes.row}
                style={{ ...template, transform: `translateY(${item.start}px)` }}
                onClick={() => onOpen(line.original)}
                onKeyDown={(e) => {
                  entered(e, () => onOpen(line.original));
                  if (e.key === "x" && e.target === e.currentTarget) onPick?.(line.id, !picked?.has(line.id));
                }}
              >
                {picked && (
                  <span role="cell" className={classes.cell}>
                    <input
                      type="checkbox"
                      className={classes.box}
                      aria-label={pickLabel?.(line.original)}
                      checked={picked.has(line.id)}
                      onClick={(e) => e.stopPropagation()}
                      onChange={(e) => onPick?.(line.id, e.currentTarget.checked)}
                    />
                  </span>
                )}
                {line.getAllCells().map((cell, i) => (
                  <span
                    role="cell"
                    key={cell.id}
                    data-minor={columns[i]?.minor}
                    data-end={columns[i]?.end}
                    className={classes.cell}
                  >
                    <table.FlexRender cell={cell} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function definition<T extends object>(c: Column<T>): ColumnDef<typeof features, T> {
  const cell = (context: CellContext<typeof features, T>) => c.cell(context.row.original);
  return { id: c.id, header: c.title, cell: cell as never };
}

function useRowHeight(): number {
  return useMemo(
    () => Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--fd-row"), 10) || 1,
    [],
  );
}

function entered(e: KeyboardEvent<HTMLElement>, open: () => void): void {
  if (e.target !== e.currentTarget || e.key !== "Enter") return;
  open();
  e.preventDefault();
}
