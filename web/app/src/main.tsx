import "@fontsource-variable/inter/wght.css";
import "./app/styles";
import "./global.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { wire } from "./app/live";
import { preferred, speak } from "./i18n";

wire();
void speak(preferred(), false).then(() => createRoot(document.getElementById("root")!).render(<App />));
