/** Files that go with a mail: what fits, and their way to the server. */

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
