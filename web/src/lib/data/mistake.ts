// What the server says of a wrong value, in the person's language. The server speaks English to programs; the sentences
// that a form can bring about are known here by their form, and a test finds those that are not.
import { i18n, t, type Key } from '$lib/i18n';
import { sentence } from './sentence';

/** A sentence of the server's, our word for it, and what its groups are called. */
type Known = readonly [RegExp, Key, ...string[]];

const KNOWN: readonly Known[] = [
	[/^must have ([\d,.]+) to ([\d,.]+) letters, digits, - or _/, 'mistake.letters', 'least', 'most'],
	[/^must be ([\d,.]+) to ([\d,.]+) letters, digits, dots/, 'mistake.label', 'least', 'most'],
	[/^must have ([\d,.]+) to ([\d,.]+) characters$/, 'mistake.between_characters', 'least', 'most'],
	[/^(?:may have|must be) at most ([\d,.]+) characters$/, 'mistake.most_characters', 'most'],
	[/^has [\d,.]+ characters, at most ([\d,.]+)/, 'mistake.most_characters', 'most'],
	[/^must be ([\d,.]+) to ([\d,.]+), or null to keep files for ever$/, 'mistake.days', 'least', 'most'],
	[/^must be ([\d,.]+) to ([\d,.]+)(?: ids)?$/, 'mistake.between', 'least', 'most'],
	[/^must be in the future$/, 'mistake.future'],
	[/^may be at most (\d+) days ahead$/, 'mistake.ahead', 'days'],
	[/^may be a year away at most$/, 'mistake.year'],
	[/^must be later than/, 'mistake.later'],
	[/^is missing: when should it come back\?$/, 'mistake.when'],
	[/^must be a time such as/, 'mistake.time'],
	[/^(?:is|are) missing\b/, 'mistake.missing'],
	[/^(?:must name at least one|must say what happened|needs a conversation_id)$/, 'mistake.missing'],
	[/^must not be empty/, 'mistake.empty'],
	[/^must be an address such as/, 'mistake.email'],
	[/^must be an address that begins with https/, 'mistake.https'],
	[/^must be a colour such as/, 'mistake.colour'],
	[/^must be a version such as/, 'mistake.version'],
	[/^must have six digits$/, 'mistake.six_digits'],
	[/^is not your password$/, 'mistake.password'],
	[/^must not be negative/, 'mistake.negative'],
	[/^must be somebody of this business/, 'mistake.colleague'],
	[/^this contact has neither/, 'mistake.unreachable'],
	[/cannot be given to this key/, 'mistake.scope'],
	[/^names no uploaded file|^is not an id of an uploaded file/, 'mistake.no_file'],
	[/^ends in the middle/, 'mistake.cut_off'],
	[/WhatsApp (?:does not take|takes)/, 'mistake.wrong_file'],
	[/^is empty$/, 'mistake.empty_file'],
	[/^is not (?:a|one|an)\b.*|^must be (?:ids? of|the id|the user_id|a tenant's id|one of your phone_number_ids|the token)|^(?:no such|there is no such) /, 'mistake.gone'],
	[/^must be (?:one of )?([\w.-]+(?:, [\w.-]+)*(?:,? or [\w.-]+)?)$/, 'mistake.one_of', 'words']
];

/** What is wrong with a value. */
export function mistake(said: string): string {
	if (i18n.language === 'en') return sentence(said);
	const found = known(said);
	return found ? t(found.key, found.params) : t('mistake.other', { detail: said });
}

/** Our word for a sentence of the server's, where it is one that is known. */
export function known(said: string): { key: Key; params: Record<string, string> } | null {
	for (const [form, key, ...names] of KNOWN) {
		const found = form.exec(said);
		if (found) return { key, params: Object.fromEntries(names.map((name, place) => [name, found[place + 1] ?? ''])) };
	}
	return null;
}
