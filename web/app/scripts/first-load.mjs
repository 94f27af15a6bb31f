/** Says how much index.html has a browser load, in kB gzip, and fails where it is more than it may be: what is added loads with its page. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const most = 300; // kB
const dist = new URL("../dist/", import.meta.url);
const page = readFileSync(new URL("index.html", dist));
const named = [...new Set(page.toString().match(/assets\/[\w.-]+\.(?:js|css)/g))];
const sizes = named.map((file) => ({
  file,
  kB: gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000,
}));
const all = sizes.reduce((sum, { kB }) => sum + kB, gzipSync(page).length / 1000);
console.log(`first load: ${all.toFixed(0)} kB gzip of ${most}, in ${named.length} files`);
if (all > most) {
  for (const { file, kB } of sizes.sort((a, b) => b.kB - a.kB).slice(0, 12)) console.log(`${kB.toFixed(1)} ${file}`);
  console.log("Load what only one page or dialog needs with it: lazy(() => import(…)).");
  process.exit(1);
}
