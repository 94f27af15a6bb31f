import { type Browser, type BrowserContext, chromium, type Page, type Request } from "playwright-core";
import { type DemoUser, until, type World } from "./world";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
];

/**
 * Starts Chromium with made-up devices; its microphone plays wav again and again when given, and its camera gives few pictures a second:
 * they cost most of a meeting's processor time. The shell is Chromium without windows of its own, which take half of the rest.
 */
export function launch(wav?: string, pictures = 5): Promise<Browser> {
  const sound = wav ? [`--use-file-for-fake-audio-capture=${wav}`] : [];
  const devices = `--use-fake-device-for-media-stream=fps=${pictures}`;
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    args: [...flags, devices, ...sound],
  });
}

type Look = { width?: number; height?: number; scheme?: "light" | "dark"; language?: string };

/** A window of its own, logged in as a user of the demo. */
export async function enter(browser: Browser, world: World, user: DemoUser, look: Look = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.scheme ?? "light",
    reducedMotion: "reduce", // what is seen is whole: nothing is half faded in
    locale: look.language ?? "en",
    permissions: ["microphone", "camera"],
    baseURL: world.ready.http,
  });
  context.setDefaultTimeout(60_000); // two files run at a time
  await context.addInitScript((language) => {
    if (window.top !== window) return; // the frame of a mail has no storage
    localStorage.setItem("frontdesk.rawAudio", "1");
    localStorage.setItem("frontdesk.language", language);
  }, look.language ?? "en");
  await logIn(context, user);
  const page = await context.newPage();
  follow(page);
  page.on("pageerror", (err) => console.error(`${user.login}: ${err.message}`));
  await page.goto("/");
  await online(page);
  return page;
}

const asked = new WeakMap<Page, Set<Request>>();

/** Keeps what a page asks for until the answer is there. */
function follow(page: Page) {
  const requests = new Set<Request>();
  asked.set(page, requests);
  page.on("request", (r) => requests.add(r));
  page.on("requestfinished", (r) => requests.delete(r));
  page.on("requestfailed", (r) => requests.delete(r));
}

/** Waits until all that the page asks for is there and drawn, and leads to no more questions. */
export async function settled(page: Page): Promise<void> {
  const requests = asked.get(page)!;
  const drawn = () => page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
  const rests = async () => {
    await drawn();
    return requests.size === 0;
  };
  await until(async () => (await rests()) && (await rests()), "the page to rest", 20_000).catch((err) => {
    throw new Error(`${err.message}: ${[...requests].map((r) => r.url()).join(", ")}`);
  });
}

/** Waits until the page's live socket is open: calls ring there from then on. */
export function online(page: Page): Promise<void> {
  return page.locator("header [data-state=live], header [data-live=true]").first().waitFor({ state: "attached" });
}

async function logIn(context: BrowserContext, { login, password }: DemoUser): Promise<void> {
  const answer = await context.request.post("/api/v1/login", { data: { login, password } });
  if (!answer.ok()) throw new Error(`log-in as ${login}: ${answer.status()}`);
}

/** Loudness of what the page plays from others, measured over ms; and the share of it that is a tone of hz, 0 to 1. */
export function hears(page: Page, hz: number, ms = 1500): Promise<{ level: number; share: number }> {
  return page.evaluate(measure, { hz, ms });
}

/** Waits until the page plays a clear tone of hz. */
export async function expectTone(page: Page, hz: number): Promise<void> {
  let heard = { level: 0, share: 0 };
  const clear = async () => {
    heard = await hears(page, hz, 800);
    return heard.share > 0.9;
  };
  await until(clear, `a tone of ${hz} Hz`, 20_000).catch((err) => {
    throw new Error(`${err.message}: ${JSON.stringify(heard)}`);
  });
}

/** Runs in the page: listens to the played streams and looks for the tone in their spectrum. */
async function measure({ hz, ms }: { hz: number; ms: number }): Promise<{ level: number; share: number }> {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  for (const element of document.querySelectorAll<HTMLAudioElement>("audio[data-remote]")) {
    if (element.srcObject instanceof MediaStream && !element.muted)
      context.createMediaStreamSource(element.srcObject).connect(analyser);
  }
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  const bin = (hz * analyser.fftSize) / context.sampleRate;
  let best = { level: 0, share: 0 };
  for (let end = performance.now() + ms; performance.now() < end; ) {
    await new Promise((r) => setTimeout(r, 100));
    analyser.getFloatFrequencyData(spectrum);
    const power = spectrum.map((db) => 10 ** (db / 10));
    const total = power.reduce((a, b) => a + b, 0);
    const near = power.reduce((sum, p, i) => (Math.abs(i - bin) <= 6 ? sum + p : sum), 0);
    if (total > best.level) best = { level: total, share: near / total };
  }
  await context.close();
  return best;
}

/** How many moving pictures of others the page decodes: frames must have come between two looks. */
export async function decodes(page: Page): Promise<number> {
  const frames = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video:not([data-mirror="true"])')].map(
        (v) => v.getVideoPlaybackQuality().totalVideoFrames,
      ),
    );
  const before = await frames();
  await page.waitForTimeout(1000);
  const after = await frames();
  return after.filter((n, i) => n > (before[i] ?? 0)).length;
}
