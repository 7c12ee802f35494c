// Whether the languages of a version are filled by the same values. Pure but for its words.
import { t } from '$lib/i18n';
import { slotsOf, type Slot } from '$lib/templates/preview';

export interface Takes {
	language: string;
	/** The values that it takes, as people call them. */
	values: string[];
}
type Content = { components?: unknown; parameter_format?: string | null };

const called = (slot: Slot): string => {
	if (slot.part === 'body' || slot.kind === 'text') return `{{${slot.name}}}`;
	if (slot.part === 'header') return t(`tpl.header.${slot.name as 'IMAGE'}`);
	if (slot.part === 'offer') return t('tpl.test.until');
	return t('template.button', { name: slot.name });
};

/** What each language takes, where they are not alike; null where they are. A rule fills every language with the same. */
export function notAlike(languages: Record<string, Content>): Takes[] | null {
	const slots = Object.entries(languages).map(([language, content]) => ({ language, slots: slotsOf(content) }));
	const makes = slots.map((one) => one.slots.map(({ id, kind }) => `${id} ${kind}`).sort().join('\n'));
	if (makes.every((make) => make === makes[0])) return null;
	return slots.map((one) => ({ language: one.language, values: one.slots.map(called) }));
}
