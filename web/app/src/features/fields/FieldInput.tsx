import { MultiSelect, Select, TagsInput, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { word } from "~/app/words";
import { UserSelect } from "~/parts/people";
import { type Field, nameOf, optionsOf, plain, yesNo } from "./fields";

type Props = {
  field: Field;
  values: string[];
  /** Called when a value is complete: chosen, or typed and left. */
  onChange: (values: string[]) => void;
  /** Several values may be given though the field holds one: for questions. */
  several?: boolean;
  label?: string;
  /** It stands in a popover, which a list outside of it would close. */
  inside?: boolean;
};

/** Asks for the value of a field, whatever its type. */
export function FieldInput({ field, values, onChange, several, label = nameOf(field), inside }: Props) {
  const one = values[0] ?? null;
  const set = (v: string | null) => onChange(v ? [v] : []);
  const common = { size: "xs", "aria-label": label, comboboxProps: { withinPortal: !inside } } as const;
  switch (field.type) {
    case "choice":
    case "choices":
      return several || field.type === "choices" ? (
        <MultiSelect {...common} searchable data={optionsOf(field)} value={values} onChange={onChange} />
      ) : (
        <Select {...common} clearable searchable data={optionsOf(field)} value={one} onChange={set} />
      );
    case "yes_no":
      return (
        <Select
          {...common}
          clearable
          data={["yes", "no"].map((value) => ({ value, label: word(yesNo, value) }))}
          value={one}
          onChange={set}
        />
      );
    case "user":
      return <UserSelect {...common} clearable value={one} onChange={set} />;
    case "tags":
      return <TagsInput {...common} acceptValueOnBlur maxTags={50} value={values} onChange={onChange} />;
    case "date":
      return <Typed type="date" label={label} value={one ?? ""} onDone={set} />;
    default:
      return <Typed type="text" label={label} value={one ?? ""} onDone={(v) => set(plain(field, v))} />;
  }
}

type TypedProps = { type: "text" | "date"; label: string; value: string; onDone: (value: string) => void };

function Typed({ type, label, value, onDone }: TypedProps) {
  const [draft, setDraft] = useState(value);
  const done = () => draft !== value && onDone(draft.trim());
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Enter") done();
  };
  return (
    <TextInput
      size="xs"
      type={type}
      aria-label={label}
      value={draft}
      onChange={(e) => setDraft(e.currentTarget.value)}
      onBlur={done}
      onKeyDown={keys}
    />
  );
}
