// Dates, numbers and phone numbers as a language writes them. Pure; `fmt` below binds them to the person's language.
import { i18n } from './i18n';

const day = 86_400_000;

function startOfDay(time: Date): number {
	return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}

/** Whole calendar days from `time` to `now`; 0 is today. */
export function daysAgo(time: Date, now: Date): number {
	return Math.round((startOfDay(now) - startOfDay(time)) / day);
}

/** 14:05. */
export function clock(time: Date, language: string): string {
	return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(time);
}

/** 14:05:09. */
export function seconds(time: Date, language: string): string {
	return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(time);
}

/** For lists: 14:05 today, Thu within a week, 3 Nov within a year, else with the year. */
export function shortWhen(time: Date, now: Date, language: string): string {
	const days = daysAgo(time, now);
	if (days === 0) return clock(time, language);
	if (days > 0 && days < 7) return new Intl.DateTimeFormat(language, { weekday: 'short' }).format(time);
	const year = time.getFullYear() === now.getFullYear() ? undefined : 'numeric';
	return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year }).format(time);
}

/** The line between two days of a thread: today, yesterday, the weekday within a week, else the date. */
export function dayName(time: Date, now: Date, language: string): string {
	const days = daysAgo(time, now);
	if (days === 0 || days === 1) {
		const name = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day');
		return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
	}
	const options: Intl.DateTimeFormatOptions =
		days > 0 && days < 7
			? { weekday: 'long' }
			: { weekday: 'short', day: 'numeric', month: 'long', year: time.getFullYear() === now.getFullYear() ? undefined : 'numeric' };
	const name = new Intl.DateTimeFormat(language, options).format(time);
	return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** Date and time in full, for titles. */
export function full(time: Date, language: string): string {
	return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' }).format(time);
}

/** Date and time on one short line. */
export function dateTime(time: Date, language: string): string {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
	['year', 365 * day],
	['month', 30 * day],
	['week', 7 * day],
	['day', day],
	['hour', 3_600_000],
	['minute', 60_000]
];

/** "3 minutes ago", "in 2 hours"; "now" below a minute. */
export function relative(time: Date, now: Date, language: string): string {
	const difference = time.getTime() - now.getTime();
	const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
	for (const [unit, size] of steps) {
		if (Math.abs(difference) >= size) return format.format(Math.trunc(difference / size), unit);
	}
	return format.format(0, 'second');
}

/** A length of time in its two largest units: "23 h 50 min", "4 min", "12 s". */
export function duration(ms: number, language: string): string {
	const total = Math.max(0, Math.floor(ms / 1000));
	const parts: [string, number][] = [
		['day', Math.floor(total / 86_400)],
		['hour', Math.floor((total % 86_400) / 3_600)],
		['minute', Math.floor((total % 3_600) / 60)],
		['second', total % 60]
	];
	const first = parts.findIndex(([, amount]) => amount > 0);
	const shown = first === -1 ? parts.slice(3) : parts.slice(first, first + 2);
	return shown
		.filter(([unit, amount], place) => place === 0 || (amount > 0 && unit !== 'second'))
		.map(([unit, amount]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: unit === 'day' ? 'long' : 'short' }).format(amount))
		.join(' ');
}

/** 1.4 MB. */
export function bytes(count: number, language: string): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
	let place = 0;
	let amount = count;
	while (amount >= 1000 && place < units.length - 1) {
		amount /= 1000;
		place += 1;
	}
	return new Intl.NumberFormat(language, {
		style: 'unit',
		unit: units[place],
		unitDisplay: 'short',
		maximumFractionDigits: amount < 10 && place > 0 ? 1 : 0
	}).format(amount);
}

// Country codes of one and two digits whose numbers are written in groups; the rest stay in groups of three.
const groups: Record<string, number[]> = { '34': [3, 3, 3], '1': [3, 3, 4], '33': [1, 2, 2, 2, 2], '49': [4, 7], '44': [4, 6], '52': [2, 4, 4], '54': [2, 4, 4], '55': [2, 5, 4], '39': [3, 3, 4], '51': [3, 3, 3], '57': [3, 3, 4], '56': [1, 4, 4] };

/** +34 612 345 678 from 34612345678. What is no plain number is given back as it is. */
export function phone(digits: string): string {
	const plain = digits.replace(/^\+/, '');
	if (!/^\d{7,15}$/.test(plain)) return digits;
	const code = [1, 2].map((length) => plain.slice(0, length)).find((prefix) => groups[prefix]) ?? plain.slice(0, plain.length > 11 ? 3 : 2);
	const rest = plain.slice(code.length);
	const sizes = groups[code];
	const fits = sizes && sizes.reduce((sum, size) => sum + size, 0) === rest.length;
	const parts: string[] = [];
	let at = 0;
	for (const size of fits ? sizes : Array<number>(Math.ceil(rest.length / 3)).fill(3)) {
		parts.push(rest.slice(at, at + size));
		at += size;
	}
	return `+${code} ${parts.filter(Boolean).join(' ')}`;
}

/** Up to two letters for an avatar; of a phone number, its end. */
export function initials(name: string): string {
	const words = name.replace(/[^\p{L}\p{N}\s+]/gu, ' ').trim().split(/\s+/).filter(Boolean);
	if (words.length === 0) return '?';
	if (/^\+?\d/.test(words[0] ?? '')) return name.replace(/\D/g, '').slice(-2);
	const first = [...(words[0] ?? '')][0] ?? '?';
	const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
	return (first + last).toLocaleUpperCase();
}

/** The same, in the language of the person who reads. Strings are RFC 3339 times. */
export const fmt = {
	clock: (time: string | Date) => clock(new Date(time), i18n.locale),
	seconds: (time: string | Date) => seconds(new Date(time), i18n.locale),
	short: (time: string | Date, now = new Date()) => shortWhen(new Date(time), now, i18n.locale),
	day: (time: string | Date, now = new Date()) => dayName(new Date(time), now, i18n.locale),
	full: (time: string | Date) => full(new Date(time), i18n.locale),
	dateTime: (time: string | Date) => dateTime(new Date(time), i18n.locale),
	relative: (time: string | Date, now = new Date()) => relative(new Date(time), now, i18n.locale),
	duration: (ms: number) => duration(ms, i18n.locale),
	bytes: (count: number) => bytes(count, i18n.locale),
	number: (value: number, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(i18n.locale, options).format(value),
	money: (value: number, currency: string) => {
		try {
			return new Intl.NumberFormat(i18n.locale, { style: 'currency', currency }).format(value);
		} catch {
			return `${value} ${currency}`;
		}
	}
};
