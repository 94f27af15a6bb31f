/** The one place for colours and sizes. Elsewhere only the names below and Mantine's are used. */
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Select,
  Tabs,
  Text,
  Tooltip,
} from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef2ff",
  "#dde5fe",
  "#bccbfc",
  "#94abf9",
  "#6c8af4",
  "#4a6df0",
  "#2f5bea",
  "#244bd0",
  "#1d3eae",
  "#17328c",
];
const dark: MantineColorsTuple = [
  "#e6e8ec",
  "#b9bec8",
  "#989fac",
  "#6f7683",
  "#3a3f4a",
  "#2c303a",
  "#22262e",
  "#191c22",
  "#131519",
  "#0d0f12",
];
const gray: MantineColorsTuple = [
  "#f8f9fb",
  "#f1f3f6",
  "#e6e9ee",
  "#d8dce3",
  "#c1c7d1",
  "#989fac",
  "#6b7280",
  "#4b5260",
  "#343a46",
  "#1c2027",
];
const green: MantineColorsTuple = [
  "#e8f8ee",
  "#cdeeda",
  "#9fdcb8",
  "#6cc893",
  "#42b574",
  "#279f5d",
  "#178a4d",
  "#10723e",
  "#0c5a32",
  "#084526",
];

/** The grounds of what is said in a colour: links can be read on them. */
const softs: Record<string, string> = {
  yellow: "var(--fd-wait-soft)",
  orange: "var(--fd-wait-soft)",
  red: "var(--fd-bad-soft)",
  green: "var(--fd-live-soft)",
};

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  colors: { accent, dark, gray, green },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "16px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "5px", md: "6px", lg: "10px", xl: "999px" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  autoContrast: true,
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "18px", lineHeight: "24px" },
      h2: { fontSize: "15px", lineHeight: "20px" },
      h3: { fontSize: "13px", lineHeight: "20px" },
    },
  },
  components: {
    // Its colour is the ground's; a title in it is hard to read there.
    Alert: Alert.extend({
      styles: { title: { color: "var(--mantine-color-text)" } },
      vars: (_, { color }) => ({ root: { "--alert-bg": softs[color ?? ""] } }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: "md" } }),
    Badge: Badge.extend({ defaultProps: { variant: "light", size: "sm", radius: "sm", tt: "none", fw: 500 } }),
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    Input: Input.extend({ defaultProps: { size: "sm" } }),
    Menu: Menu.extend({
      // The placeholder is a child that no menu may have.
      defaultProps: { shadow: "md", transitionProps: { duration: 100 }, withInitialFocusPlaceholder: false },
    }),
    Modal: Modal.extend({
      defaultProps: { centered: true, transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.35 } },
    }),
    Popover: Popover.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 100 } } }),
    Select: Select.extend({ defaultProps: { size: "sm", checkIconPosition: "right", allowDeselect: false } }),
    Tabs: Tabs.extend({ defaultProps: { variant: "default" } }),
    Text: Text.extend({ defaultProps: { size: "sm" } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 400, withinPortal: true, transitionProps: { duration: 100 } },
    }),
  },
});

/** Sizes that the layout computes with, in px. */
export const layout = {
  phone: "(max-width: 760px)", // one column; the same as $phone of postcss.config.cjs
  card: { least: 340, usual: 420, most: 760, step: 20 },
  threadRow: 77,
  peopleBeside: 900, // width of the window from which a meeting shows its people beside the stage at once
};

const sizes = {
  "--fd-col": "76px",
  "--fd-col-wide": "112px",
  "--fd-top": "44px",
  "--fd-rail": "76px",
  "--fd-callbar": "56px",
  "--fd-row": "36px",
  "--fd-row-tall": "56px",
  "--fd-card": "420px",
  "--fd-card-min": "320px",
  "--fd-incoming": "360px",
  "--fd-folders": "200px",
  "--fd-threads": "340px",
  "--fd-stage-column": "264px",
  "--fd-form": "640px",
  "--fd-page": "1120px",
  "--fd-dialog": "480px",
  "--fd-people": "272px",
  "--fd-currency": "92px",
  "--fd-tile-min": "260px",
  "--fd-composer": "140px",
  "--fd-icon": "18px",
  "--fd-dot": "8px",
  "--fd-line": "1px",
  "--fd-focus": "2px",
  "--fd-label": "104px",
  "--fd-thin": "4px",
  "--fd-mail-max": "68vh",
  "--fd-fast": "120ms",
  "--fd-paper": "#ffffff",
};

/** Of what one presses to end something: white can be read on it. */
const reds = {
  "--mantine-color-red-filled": "#c8302b",
  "--mantine-color-red-filled-hover": "#b02823",
};

const stage = {
  "--fd-stage": "#101216",
  "--fd-stage-tile": "#1d2027",
  "--fd-stage-text": "#f1f3f6",
  "--fd-stage-dim": "#a5acb9",
  "--fd-stage-bar": "#191c22",
  "--fd-stage-veil": "rgba(13, 15, 18, 0.66)",
  "--fd-stage-speaking": "#42b574",
  "--fd-stage-line": "#3a3f4a",
  "--fd-stage-wait": "#eab04f",
  "--fd-stage-bad": "#ff8f87",
};

/** Style of the paper a mail is shown on, as its writer saw it. */
export const paper =
  "html{background:#fff;color:#1c2027;font:14px/20px system-ui,sans-serif;overflow-wrap:anywhere}body{margin:12px}img{max-width:100%;height:auto}a{color:#244bd0}blockquote{margin:8px 0;padding-left:12px;border-left:2px solid #d8dce3;color:#5c6370}summary{cursor:pointer;color:#5c6370;width:fit-content}details>div{white-space:pre-wrap}";

/**
 * What makes of that paper a dark one, whatever colours the writer chose: light and dark change places, colours keep their hue; pictures stay as they are.
 */
export const night =
  "html{filter:invert(.9) hue-rotate(180deg)}img,video,[background],[style*='background-image'],[style*='background:url']{filter:invert(1) hue-rotate(180deg)}";

/** Mantine's variables plus ours: --fd-… for surfaces, lines, meanings and the sizes of the layout. */
export const variables: CSSVariablesResolver = () => ({
  variables: { ...sizes, ...stage },
  light: {
    ...reds,
    "--fd-surface": "#ffffff",
    "--fd-sunken": "#f6f7f9",
    "--fd-raised": "#ffffff",
    "--fd-hover": "#f1f3f6",
    "--fd-face": "#e3e7ee",
    "--fd-selected": "#eaf0ff",
    "--fd-border": "#e3e6eb",
    "--fd-border-strong": "#cdd2da",
    "--fd-text": "#1c2027",
    "--fd-dim": "#5c6370",
    "--fd-accent": "#2f5bea",
    "--fd-accent-text": "#244bd0",
    "--fd-live": "#0f7a3e",
    "--fd-live-soft": "#e8f8ee",
    "--fd-wait": "#95590a",
    "--fd-wait-soft": "#fff4e0",
    "--fd-bad": "#c8302b",
    "--fd-bad-soft": "#fdecec",
    "--fd-shadow": "0 8px 28px rgba(20, 24, 32, 0.16)",
    "--mantine-color-dimmed": "#5c6370",
    "--mantine-color-text": "#1c2027",
    "--mantine-color-body": "#ffffff",
    "--mantine-color-default-border": "#d8dce3",
    "--mantine-color-placeholder": "#6b7280",
  },
  dark: {
    ...reds,
    "--fd-surface": "#16181d",
    "--fd-sunken": "#101216",
    "--fd-raised": "#1d2027",
    "--fd-hover": "#21252d",
    "--fd-face": "#343a47",
    "--fd-selected": "#1f2a4a",
    "--fd-border": "#292d36",
    "--fd-border-strong": "#3a3f4a",
    "--fd-text": "#e6e8ec",
    "--fd-dim": "#9aa1ae",
    "--fd-accent": "#6c8af4",
    "--fd-accent-text": "#94abf9",
    "--fd-live": "#4cc382",
    "--fd-live-soft": "#12301f",
    "--fd-wait": "#eab04f",
    "--fd-wait-soft": "#352914",
    "--fd-bad": "#f47771",
    "--fd-bad-soft": "#3a1a1a",
    "--fd-shadow": "0 8px 28px rgba(0, 0, 0, 0.5)",
    "--mantine-color-dimmed": "#9aa1ae",
    "--mantine-color-text": "#e6e8ec",
    "--mantine-color-body": "#16181d",
    "--mantine-color-default": "#1d2027",
    "--mantine-color-default-hover": "#262a33",
    "--mantine-color-default-border": "#343944",
    "--mantine-color-placeholder": "#8f96a3",
  },
});
