import { TagsInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { addressesIn } from "./people";

type AddressesProps = { label: string; value: string[]; onChange: (value: string[]) => void; autoFocus?: boolean };

/** Addresses, suggested from the clients. */
export function Addresses({ label, value, onChange, autoFocus }: AddressesProps) {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted.length > 1,
  });
  const hits = found.data?.items.flatMap((h) => h.points.filter((p) => p.kind === "email").map((p) => p.value)) ?? [];
  return (
    <TagsInput
      size="xs"
      flex={1}
      aria-label={label}
      placeholder={value.length ? undefined : label}
      value={value}
      onChange={onChange}
      searchValue={text}
      onSearchChange={setText}
      data={[...new Set(hits)]}
      filter={({ options }) => options}
      splitChars={[",", ";", " "]}
      onPaste={(e) => {
        const pasted = addressesIn(e.clipboardData.getData("text"));
        if (pasted.length === 0) return;
        e.preventDefault();
        onChange([...new Set([...value, ...pasted])]);
      }}
      acceptValueOnBlur
      autoFocus={autoFocus}
    />
  );
}
