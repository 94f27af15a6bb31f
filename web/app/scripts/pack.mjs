/** Packs what was built as browsers take it: the program that embeds it is smaller, and has nothing to compress when it serves. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
for (const name of readdirSync(dist, { recursive: true })) {
  const file = join(dist, name);
  if (!/^assets\/.*\.(?:js|css|svg|json)$/.test(name)) continue;
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  rmSync(file);
}
