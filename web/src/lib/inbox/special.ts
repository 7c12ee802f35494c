// What is sent beside text, files and templates: a place, a card, buttons, a list, a link. Pure; limits are Meta's, kept equal to openapi.json by a test.

export type SpecialKind = 'location' | 'contact' | 'buttons' | 'list' | 'link';

export const LIMITS = {
	body: 1024,
	list_body: 4096,
	footer: 60,
	buttons: 3,
	button: 20,
	list_button: 20,
	rows: 10,
	row: 24,
	row_description: 72,
	link_text: 20,
	url: 2000
} as const;

/** What the form holds, whatever the kind. */
export interface Special {
	latitude: string;
	longitude: string;
	place: string;
	address: string;
	name: string;
	phone: string;
	email: string;
	company: string;
	body: string;
	footer: string;
	buttons: string[];
	button: string;
	rows: { title: string; description: string }[];
	link_text: string;
	url: string;
}

export const empty = (): Special => ({
	latitude: '',
	longitude: '',
	place: '',
	address: '',
	name: '',
	phone: '',
	email: '',
	company: '',
	body: '',
	footer: '',
	buttons: ['', ''],
	button: '',
	rows: [
		{ title: '', description: '' },
		{ title: '', description: '' }
	],
	link_text: '',
	url: ''
});

/** The member of the API's body that a field of the form fills: its mistakes stand there. */
export const PATHS = {
	latitude: 'location.latitude',
	longitude: 'location.longitude',
	name: 'contacts[0].name.formatted_name',
	phone: 'contacts[0].phones[0].phone',
	body: 'interactive.body.text',
	footer: 'interactive.footer.text',
	button: 'interactive.action.button',
	link_text: 'interactive.action.parameters.display_text',
	url: 'interactive.action.parameters.url'
} as const;
export const buttonPath = (place: number) => `interactive.action.buttons[${place}].reply.title`;
export const rowPath = (place: number, member: 'title' | 'description') => `interactive.action.sections[0].rows[${place}].${member}`;

const length = (text: string) => [...text.trim()].length;
const filled = (list: string[]) => list.map((text) => text.trim()).filter(Boolean);
const number = (text: string) => Number(text.trim().replace(',', '.'));
const within = (text: string, most: number) => text.trim() !== '' && Math.abs(number(text)) <= most;

export type Mistake = 'missing' | 'long' | 'twice' | 'degrees' | 'url' | 'phone';

/** What is wrong, by path. */
export function mistakes(kind: SpecialKind, it: Special): Record<string, Mistake> {
	const found: Record<string, Mistake> = {};
	const text = (path: string, value: string, most: number, required = true) => {
		if (required && !value.trim()) found[path] = 'missing';
		else if (length(value) > most) found[path] = 'long';
	};
	if (kind === 'location') {
		if (!within(it.latitude, 90)) found[PATHS.latitude] = 'degrees';
		if (!within(it.longitude, 180)) found[PATHS.longitude] = 'degrees';
		return found;
	}
	if (kind === 'contact') {
		if (!it.name.trim()) found[PATHS.name] = 'missing';
		if (!/^\+?[\d\s().-]{7,24}$/.test(it.phone.trim())) found[PATHS.phone] = 'phone';
		return found;
	}
	text(PATHS.body, it.body, kind === 'list' ? LIMITS.list_body : LIMITS.body);
	text(PATHS.footer, it.footer, LIMITS.footer, false);
	if (kind === 'buttons') {
		const seen = new Set<string>();
		it.buttons.forEach((title, place) => {
			text(buttonPath(place), title, LIMITS.button, place === 0);
			if (title.trim() && seen.has(title.trim())) found[buttonPath(place)] = 'twice';
			seen.add(title.trim());
		});
	} else if (kind === 'list') {
		text(PATHS.button, it.button, LIMITS.list_button);
		it.rows.forEach((row, place) => {
			text(rowPath(place, 'title'), row.title, LIMITS.row, place === 0 || row.description.trim() !== '');
			text(rowPath(place, 'description'), row.description, LIMITS.row_description, false);
		});
	} else {
		text(PATHS.link_text, it.link_text, LIMITS.link_text);
		if (!/^https?:\/\/[^\s/]+\S*$/.test(it.url.trim()) || length(it.url) > LIMITS.url) found[PATHS.url] = 'url';
	}
	return found;
}

/** The message in Meta's form. */
export function content(kind: SpecialKind, it: Special): { type: string; content: unknown } {
	const optional = (name: string, value: string) => (value.trim() ? { [name]: value.trim() } : {});
	if (kind === 'location') {
		return { type: 'location', content: { latitude: number(it.latitude), longitude: number(it.longitude), ...optional('name', it.place), ...optional('address', it.address) } };
	}
	if (kind === 'contact') {
		const [first = '', ...rest] = it.name.trim().split(/\s+/);
		const card = {
			name: { formatted_name: it.name.trim(), first_name: first, ...optional('last_name', rest.join(' ')) },
			phones: [{ phone: it.phone.trim(), type: 'CELL' }],
			...(it.email.trim() ? { emails: [{ email: it.email.trim(), type: 'WORK' }] } : {}),
			...(it.company.trim() ? { org: { company: it.company.trim() } } : {})
		};
		return { type: 'contacts', content: [card] };
	}
	const words = { body: { text: it.body.trim() }, ...(it.footer.trim() ? { footer: { text: it.footer.trim() } } : {}) };
	if (kind === 'buttons') {
		const buttons = filled(it.buttons).map((title, place) => ({ type: 'reply', reply: { id: `button_${place + 1}`, title } }));
		return { type: 'interactive', content: { type: 'button', ...words, action: { buttons } } };
	}
	if (kind === 'list') {
		const rows = it.rows.filter((row) => row.title.trim()).map((row, place) => ({ id: `row_${place + 1}`, title: row.title.trim(), ...optional('description', row.description) }));
		return { type: 'interactive', content: { type: 'list', ...words, action: { button: it.button.trim(), sections: [{ rows }] } } };
	}
	return { type: 'interactive', content: { type: 'cta_url', ...words, action: { name: 'cta_url', parameters: { display_text: it.link_text.trim(), url: it.url.trim() } } } };
}
