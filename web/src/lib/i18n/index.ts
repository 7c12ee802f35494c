// The words of the application. One JSON file a language beside this one; a new file is a new language.
export { i18n, languages, languageName, t, type Key } from './i18n.svelte';
