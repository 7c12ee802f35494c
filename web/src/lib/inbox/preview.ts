// The server's one line about a message, in the person's language: it begins with a sign and an English word.
import { i18n, t, type Key } from '$lib/i18n';

const words: [string, Key][] = [
	['📷 Photo', 'media.image'],
	['🎥 Video', 'media.video'],
	['🎤 Voice message', 'media.voice'],
	['🎵 Audio', 'media.audio'],
	['📄 Document', 'media.document'],
	['💟 Sticker', 'media.sticker'],
	['📍 Location', 'content.location'],
	['📝 Form', 'content.form_filled'],
	['🚫 Message deleted', 'preview.deleted']
];
// What we sent has the sign alone.
const bare: Record<string, Key> = { '📷': 'media.image', '🎬': 'media.video', '🎤': 'media.audio', '📄': 'media.document', '🏷️': 'media.sticker', '📍': 'content.location', '👤': 'preview.contact' };

export function previewText(preview: string): string {
	void i18n.language;
	for (const [english, key] of words) {
		if (preview.startsWith(english)) return `${english.slice(0, english.indexOf(' '))} ${t(key)}${preview.slice(english.length)}`;
	}
	const key = bare[preview.trim()];
	return key ? `${preview.trim()} ${t(key)}` : preview;
}
