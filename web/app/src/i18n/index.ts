import { i18n, type Messages } from "@lingui/core";
import { Store } from "~/live/store";

export const languages = { en: "English", ro: "Română", ru: "Русский" } as const;
export type Language = keyof typeof languages;

const key = "frontdesk.language";
const catalogues: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("~/locales/en.po"),
  ro: () => import("~/locales/ro.po"),
  ru: () => import("~/locales/ru.po"),
};

export const languageStore = new Store<{ language: Language }>({ language: "en" });

/** Speaks the language from now on, and after a reload when remember is set. */
export async function speak(language: Language, remember = true): Promise<void> {
  const { messages } = await catalogues[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  if (remember) localStorage.setItem(key, language);
  languageStore.set({ language });
}

/** What was chosen on this browser, else what the browser speaks, else English. */
export function preferred(): Language {
  for (const wanted of [localStorage.getItem(key), ...navigator.languages]) {
    const language = wanted?.slice(0, 2);
    if (language && language in languages) return language as Language;
  }
  return "en";
}

/** Whether the person has chosen a language on this browser. */
export function hasChosen(): boolean {
  return localStorage.getItem(key) !== null;
}
