import { i18n } from '$lib/i18n';

// Their words come with the pages; rules show templates, so they share them.
export const load = () => i18n.area('templates');
