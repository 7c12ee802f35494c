import { i18n } from '$lib/i18n';

// Their words come with the pages.
export const load = () => i18n.area('templates');
