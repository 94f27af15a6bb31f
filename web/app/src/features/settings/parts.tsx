import { Text, Title } from "@mantine/core";
import { type UseMutationResult, useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { client } from "~/api/queries";
import { complain } from "~/app/notify";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { step } from "~/parts/walk";
import classes from "./Settings.module.css";

type SectionProps = { title: ReactNode; about?: ReactNode; action?: ReactNode; children: ReactNode };

/** A part of a settings page: what it is, in words, and what can be added. */
export function Section({ title, about, action, children }: SectionProps) {
  return (
    <section className={classes.section}>
      <div className={classes.head}>
        <div className={classes.headText}>
          <Title order={2}>{title}</Title>
          {about && <Text c="dimmed">{about}</Text>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

type RowsProps<T> = {
  queryKey: string[];
  read: () => Promise<T[]>;
  none: ReactNode;
  row: (item: T, at: number) => ReactNode;
};

/** A short list from the server. */
export function Rows<T>({ queryKey, read, none, row }: RowsProps<T>) {
  const { data, error, refetch } = useQuery({ queryKey, queryFn: read });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <LateRows count={3} />;
  return <ul className={classes.rows}>{data.length ? data.map(row) : <li className={classes.none}>{none}</li>}</ul>;
}

/** One thing of a list: what it is, how it does, what can be done. */
export function Row({ title, detail, children }: { title: ReactNode; detail?: ReactNode; children?: ReactNode }) {
  return (
    <li className={classes.row} {...step}>
      <div className={classes.rowText}>
        <Text fw={500} truncate>
          {title}
        </Text>
        {detail && (
          <Text c="dimmed" size="xs" component="div">
            {detail}
          </Text>
        )}
      </div>
      {children}
    </li>
  );
}

/** Does something at the server and lets go of what that changed. */
export function useDo<I = void, O = unknown>(
  fn: (input: I) => Promise<O>,
  keys: string[][],
  onDone?: (out: O) => void,
  onError: ((err: Error) => void) | undefined = complain,
): UseMutationResult<O, Error, I> {
  return useMutation<O, Error, I>({
    mutationFn: fn,
    onSuccess: (out) => {
      for (const queryKey of keys) void client.invalidateQueries({ queryKey });
      onDone?.(out);
    },
    onError,
  });
}

/** The same for a form in a dialog, which says itself why it was refused. */
export function useSave<O = unknown>(fn: () => Promise<O>, keys: string[][], onDone?: (out: O) => void) {
  return useDo<void, O>(fn, keys, onDone, () => {});
}
