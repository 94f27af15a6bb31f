/** Pictures within the text of a mail: on the screen they have an address of this tab, in the mail "cid:" and an id. */

type Picture = { url: string; data: string };

const pictures = new Map<string, Picture>();
const ids = new WeakMap<File, string>();

/** The id of a file that is a picture within the text. */
export const idOf = (file: File): string => ids.get(file) ?? "";

/** Kinds that every mail program shows; others are attached. */
export const isPicture = (file: File): boolean => /^image\/(png|jpeg|gif|webp)$/.test(file.type);

/** Makes a file a picture within the text. data is its content as an address, where it is at hand. */
export function picture(file: File, data = ""): { id: string; file: File } {
  const id = `p${crypto.randomUUID().replaceAll("-", "")}@frontdesk`;
  const end = file.type.slice("image/".length).replace("jpeg", "jpg");
  const named = new File([file], `picture-${id.slice(1, 9)}.${end}`, { type: file.type });
  ids.set(named, id);
  pictures.set(id, { url: URL.createObjectURL(named), data });
  return { id, file: named };
}

/** Reads a picture that is stored with a draft. */
export async function stored(id: string, address: string): Promise<void> {
  if (pictures.has(id)) return;
  const answer = await fetch(address);
  if (!answer.ok) return; // the mail shows a gap, and is whole all the same
  const blob = await answer.blob();
  pictures.set(id, { url: URL.createObjectURL(blob), data: await asData(blob) });
}

function asData(blob: Blob): Promise<string> {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.readAsDataURL(blob);
  });
}

/** Where this tab has the picture with that id. */
export const urlOf = (id: string): string => pictures.get(id)?.url ?? "";

/** HTML as the editor shows it. */
export function shown(html: string): string {
  return changed(html, "cid:", (img, src) => {
    const id = src.slice("cid:".length);
    img.setAttribute("data-cid", id);
    img.setAttribute("src", urlOf(id));
  });
}

/** HTML of the editor as it is sent. */
export function sent(html: string): string {
  if (!html.includes("data-cid")) return html;
  return changed(html, "", (img) => {
    const id = img.getAttribute("data-cid");
    if (!id) return;
    img.setAttribute("src", `cid:${id}`);
    img.removeAttribute("data-cid");
  });
}

/** HTML as a frame shows it that can fetch nothing. */
export function framed(html: string): string {
  return changed(html, "cid:", (img, src) => img.setAttribute("src", pictures.get(src.slice(4))?.data ?? ""));
}

/** Takes the pictures out of HTML that has them in itself: they become files. */
export function taken(html: string): { html: string; files: File[] } {
  const files: File[] = [];
  const without = changed(html, "data:image/", (img, src) => {
    const file = decoded(src);
    if (!file || !isPicture(file)) return img.remove();
    const made = picture(file, src);
    files.push(made.file);
    img.setAttribute("src", `cid:${made.id}`);
  });
  return { html: without, files };
}

function decoded(data: string): File | undefined {
  const parts = /^data:([a-z/+-]+);base64,(.*)$/s.exec(data);
  if (!parts) return undefined;
  try {
    const bytes = Uint8Array.from(atob(parts[2]!), (c) => c.charCodeAt(0));
    return new File([bytes], "picture", { type: parts[1]! });
  } catch {
    return undefined; // not base64
  }
}

/** Changes the pictures whose source begins so. */
function changed(html: string, begins: string, change: (img: Element, src: string) => void): string {
  if (!html.includes("<img") || !html.includes(begins)) return html;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const img of body.querySelectorAll("img")) {
    const src = img.getAttribute("src") ?? "";
    if (src.startsWith(begins)) change(img, src);
  }
  return body.innerHTML;
}
