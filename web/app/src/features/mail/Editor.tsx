import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Popover, TextInput, Tooltip } from "@mantine/core";
import {
  IconBlockquote,
  IconBold,
  IconClearFormatting,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  IconPhoto,
  IconUnderline,
} from "@tabler/icons-react";
import Image from "@tiptap/extension-image";
import { type Editor as Core, EditorContent, useEditor, useEditorState } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";
import { type ComponentType, useLayoutEffect, useState } from "react";
import classes from "./Editor.module.css";
import { filesOf } from "./files";
import { written } from "./letter";
import { isPicture, picture, sent, shown, taken, urlOf } from "./pictures";

/** What others may do with an editor. */
export type Pen = { insert: (html: string) => void };

type Props = {
  /** Read once. */
  html: string;
  onChange: (html: string) => void;
  /** Takes files that come by paste, drop or button: pictures that the text shows now, and others. Without, there are none. */
  onFiles?: (files: File[]) => void;
  label: string;
  autoFocus?: boolean;
  onPen?: (pen: Pen) => void;
};

/** Writes formatted text. It comes with the composer alone: it is bigger than the rest of the page. */
export default function Editor({ html, onChange, onFiles, label, autoFocus, onPen }: Props) {
  const editor: Core | null = useEditor({
    extensions: [StarterKit.configure({ link: { openOnClick: false }, codeBlock: false }), Picture],
    content: shown(html),
    parseOptions: { preserveWhitespace: true }, // one made anew has the space that was typed last
    editorProps: {
      attributes: { class: classes.text!, role: "textbox", "aria-multiline": "true", "aria-label": label },
      handleKeyDown: (_, e) => e.key === "Enter" && (e.ctrlKey || e.metaKey), // that sends
      handlePaste: (_, e) => takeFiles(e, e.clipboardData),
      handleDrop: (view, e) => takeFiles(e, e.dataTransfer, view.posAtCoords({ left: e.clientX, top: e.clientY })?.pos),
      transformPastedHTML: (pasted) => {
        if (!onFiles) return pasted;
        const { html: kept, files } = taken(pasted);
        if (files.length) onFiles(files);
        return shown(kept);
      },
    },
    onUpdate: ({ editor }) => onChange(written(sent(editor.getHTML()))),
    onCreate: ({ editor }) => onPen?.({ insert: (more) => editor.chain().focus().insertContent(shown(more)).run() }),
  });
  // At once, not when the editor gets around to it: keys pressed meanwhile would be those of the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useLayoutEffect(() => {
    // Where the page took long to show, useEditor let go of this one and makes another.
    if (autoFocus && editor && !editor.isDestroyed) editor.commands.focus("end");
  }, [editor]);
  const show = (files: File[], at?: number) => {
    const made = files.filter(isPicture).map((f) => ({ alt: f.name, ...picture(f) }));
    onFiles?.([...files.filter((f) => !isPicture(f)), ...made.map((m) => m.file)]);
    for (const { id, alt } of made) {
      const img = { type: "image", attrs: { cid: id, src: urlOf(id), alt } };
      if (at === undefined) editor?.chain().focus().insertContent(img).run();
      else editor?.chain().focus().insertContentAt(at, img).run();
    }
  };
  const takeFiles = (e: Event, data: DataTransfer | null, at?: number) => {
    const files = filesOf(data);
    if (!files.length || !onFiles) return false;
    e.preventDefault();
    e.stopPropagation();
    show(files, at);
    return true;
  };
  return (
    <div className={classes.editor}>
      <EditorContent editor={editor} />
      {editor && <Toolbar editor={editor} onPictures={onFiles && show} />}
    </div>
  );
}

/** A picture that is a part of the mail has its id. */
const Picture = Image.extend({
  addAttributes() {
    return {
      ...this.parent?.(),
      cid: {
        default: null,
        parseHTML: (e) => e.getAttribute("data-cid"),
        renderHTML: ({ cid }) => (cid ? { "data-cid": cid } : {}),
      },
    };
  },
}).configure({ inline: true, allowBase64: true });

type Tool = {
  name: string;
  says: MessageDescriptor;
  icon: ComponentType<{ className?: string }>;
  act: (e: Core) => void;
};

const tools: Tool[] = [
  { name: "bold", says: msg`Bold`, icon: IconBold, act: (e) => e.chain().focus().toggleBold().run() },
  { name: "italic", says: msg`Italic`, icon: IconItalic, act: (e) => e.chain().focus().toggleItalic().run() },
  {
    name: "underline",
    says: msg`Underlined`,
    icon: IconUnderline,
    act: (e) => e.chain().focus().toggleUnderline().run(),
  },
  { name: "bulletList", says: msg`List`, icon: IconList, act: (e) => e.chain().focus().toggleBulletList().run() },
  {
    name: "orderedList",
    says: msg`Numbered list`,
    icon: IconListNumbers,
    act: (e) => e.chain().focus().toggleOrderedList().run(),
  },
  {
    name: "blockquote",
    says: msg`Quote`,
    icon: IconBlockquote,
    act: (e) => e.chain().focus().toggleBlockquote().run(),
  },
];

function Toolbar({ editor, onPictures }: { editor: Core; onPictures?: (files: File[]) => void }) {
  const { t, i18n } = useLingui();
  const on = useEditorState({
    editor,
    selector: ({ editor }) => tools.filter((x) => editor.isActive(x.name)).map((x) => x.name),
  });
  return (
    <Group gap={2} role="toolbar" aria-label={t`Formatting`}>
      {tools.map(({ name, says, icon, act }) => (
        <Mark key={name} label={i18n._(says)} icon={icon} on={on?.includes(name)} onClick={() => act(editor)} />
      ))}
      <LinkTool editor={editor} />
      {onPictures && (
        <Mark label={t`Picture in the text`} icon={IconPhoto} onClick={() => choosePictures(onPictures)} />
      )}
      <Mark
        label={t`Take the formatting off`}
        icon={IconClearFormatting}
        onClick={() => editor.chain().focus().unsetAllMarks().clearNodes().run()}
      />
    </Group>
  );
}

function choosePictures(onPictures: (files: File[]) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = "image/png,image/jpeg,image/gif,image/webp";
  input.onchange = () => onPictures([...(input.files ?? [])]);
  input.click();
}

type MarkProps = { label: string; icon: Tool["icon"]; on?: boolean; onClick: () => void };

function Mark({ label, icon: Icon, on, onClick }: MarkProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={on ? "light" : "subtle"}
        color="gray"
        aria-label={label}
        aria-pressed={on}
        onMouseDown={(e) => e.preventDefault()}
        onClick={onClick}
      >
        <Icon className={classes.icon} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Makes a link of what is selected; an empty address takes it off. */
function LinkTool({ editor }: { editor: Core }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const [address, setAddress] = useState("");
  const begin = () => {
    setAddress(String(editor.getAttributes("link").href ?? ""));
    setOpen(!open);
  };
  const set = () => {
    setOpen(false);
    const href = /^[a-z]+:/i.test(address) || !address ? address : `https://${address}`;
    const at = editor.chain().focus().extendMarkRange("link");
    if (!href) at.unsetLink().run();
    else if (editor.state.selection.empty && !editor.isActive("link"))
      at.insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href } }] }).run();
    else at.setLink({ href }).run();
  };
  return (
    <Popover opened={open} onChange={setOpen} trapFocus position="top">
      <Popover.Target>
        <ActionIcon
          variant={editor.isActive("link") ? "light" : "subtle"}
          color="gray"
          aria-label={t`Link`}
          title={t`Link`}
          onMouseDown={(e) => e.preventDefault()}
          onClick={begin}
        >
          <IconLink className={classes.icon} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            size="xs"
            aria-label={t`Address of the link`}
            placeholder="https://"
            value={address}
            onChange={(e) => setAddress(e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key !== "Enter") return;
              e.preventDefault();
              set();
            }}
          />
          <Button size="xs" onClick={set}>
            <Trans>Set</Trans>
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
