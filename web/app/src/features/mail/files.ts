/** Files that go with a mail: what fits, and their way to the server. */
import { problem } from "~/api";
import type { components } from "~/api/schema";
import { Store } from "~/live/store";

type Draft = components["schemas"]["Draft"];

/** Files attached to drafts, by the draft's key. They stay while one looks elsewhere; a reload can't keep them. */
export const held = new Store<Record<string, File[]>>({});

/** Bytes a file takes in a mail: base64 in lines of 76 (RFC 2045 section 6.8), and the part's header. */
export const encoded = (file: { size: number }) => Math.ceil(file.size / 57) * 78 + 500;

/** Bytes of files a mail of at most max bytes can carry. */
export const carries = (max: number) => Math.floor((max * 57) / 78);

/** Whether a mail of at most max bytes can carry the files. */
export function fits(files: { size: number }[], max: number, words = 0): boolean {
  return files.reduce((sum, f) => sum + encoded(f), words * 3) <= max; // a letter can become three quoted bytes
}

/** What two choices of one file have in common. */
export const sameAs = (f: File) => `${f.name} ${f.size} ${f.lastModified}`;

/** The files with more of them, each once. */
export function joined(files: File[], more: File[]): File[] {
  return [...new Map([...files, ...more].map((f) => [sameAs(f), f])).values()];
}

/** Files of a paste or a drop. What comes with text, such as a piece of a document, is pasted as text. */
export function filesOf(data: DataTransfer | null): File[] {
  return data && !data.types.includes("text/plain") ? [...data.files] : [];
}

/** Sends a mail with files and tells the share that is on its way, 0 to 1. fetch can't tell it. */
export function sendParcel(mail: Draft, files: File[], progress: (share: number) => void): Promise<void> {
  const form = new FormData();
  form.append("mail", new Blob([JSON.stringify(mail)], { type: "application/json" }));
  for (const file of files) form.append("file", file, file.name);
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/mail/send/files");
    request.responseType = "json";
    request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    request.onload = () => (request.status < 300 ? done() : fail(problem(request.status, request.response ?? {})));
    request.onerror = () => fail(new TypeError("network"));
    request.send(form);
  });
}
