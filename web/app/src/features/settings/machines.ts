import { useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";

export type Prompt = components["schemas"]["Prompt"];
export type Menu = components["schemas"]["Menu"];
export type Box = components["schemas"]["VoicemailBox"];

export const promptsKey = ["prompts"];
export const menusKey = ["menus"];
export const boxesKey = ["voicemail-boxes"];

export const readPrompts = async () => ok(api.GET("/api/v1/prompts"));
export const readMenus = async () => (await ok(api.GET("/api/v1/menus"))).items;
export const readBoxes = async () => (await ok(api.GET("/api/v1/voicemail-boxes"))).items;

/** All prompts, and whether texts can be spoken; undefined while unknown. */
export const usePrompts = () => useQuery({ queryKey: [...promptsKey, "all"], queryFn: readPrompts }).data;

/** All menus and announcements; undefined while unknown. */
export const useMenus = () => useQuery({ queryKey: menusKey, queryFn: readMenus }).data;

/** All voicemail boxes; undefined while unknown. */
export const useBoxes = () => useQuery({ queryKey: boxesKey, queryFn: readBoxes }).data;

/** In which languages what ships with the program is spoken. */
export const languages = [
  { value: "en", label: "English" },
  { value: "ro", label: "Română" },
  { value: "ru", label: "Русский" },
];
