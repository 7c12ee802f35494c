// Named causes in the language of the person. English is what the server says; the others stand here.
import { i18n, t } from '$lib/i18n';

interface Words {
	title: string;
	action: string;
}
const files = import.meta.glob<Record<string, Words>>('./causes.*.json', { import: 'default' });

class Causes {
	#words = $state.raw<Record<string, Words>>({});
	#language = '';

	async #use(language: string): Promise<void> {
		if (this.#language === language) return;
		this.#language = language;
		const load = files[`./causes.${language}.json`];
		this.#words = load ? await load() : {};
	}

	of(cause: string): Words | null {
		const language = i18n.language;
		// Not while something is derived from it.
		if (language !== this.#language) queueMicrotask(() => void this.#use(language));
		return this.#words[cause] ?? null;
	}
}
const causes = new Causes();

/** What happened and what to do: in the person's language, else as the server says it. */
export function causeWords(cause: string | null | undefined, told: { title?: string | null; action?: string | null } | null | undefined): { title: string; action: string | null } {
	const own = cause ? causes.of(cause) : null;
	return { title: own?.title ?? told?.title ?? (cause ? cause.replaceAll('_', ' ') : t('connect.failed')), action: own?.action ?? told?.action ?? null };
}
