// The server's one line about a message, in the person's language: for all but texts it begins with an English word.
import { i18n, t, type Key } from '$lib/i18n';

const words: [string, Key][] = [
	['📷 Photo', 'media.image'],
	['🎥 Video', 'media.video'],
	['🎤 Voice message', 'media.voice'],
	['🎵 Audio', 'media.audio'],
	['📄 Document', 'media.document'],
	['💟 Sticker', 'media.sticker'],
	['📍 Location', 'content.location'],
	['👤 Contact', 'preview.contact'],
	['🛒 Order', 'preview.order'],
	['📝 Form', 'content.form_filled'],
	['📞 ✅ Call permission', 'preview.call_permission'],
	['📞 ❌ Call permission', 'preview.call_permission'],
	['📞 Call permission', 'preview.call_permission'],
	['ℹ️ Number changed', 'preview.number_changed'],
	['ℹ️ User id changed', 'preview.identity_changed'],
	['ℹ️ Identity changed', 'preview.identity_changed'],
	['ℹ️ System message', 'preview.system'],
	['📎 Media', 'preview.media'],
	['⚠️ Unsupported message', 'preview.unsupported'],
	['🚫 Message deleted', 'preview.deleted']
];
// What we sent has the sign alone.
const bare: Record<string, Key> = { '📷': 'media.image', '🎬': 'media.video', '🎤': 'media.audio', '📄': 'media.document', '🏷️': 'media.sticker', '📍': 'content.location', '👤': 'preview.contact' };

export function previewText({ preview, type }: { preview: string; type?: string | null }): string {
	void i18n.language;
	// People's own words are left alone.
	if (type === 'text' || type === 'button') return preview;
	if (type === 'reaction') {
		const emoji = /^Reacted (.+)$/u.exec(preview)?.[1];
		return emoji ? t('preview.reacted', { emoji }) : preview === 'Reaction removed' ? t('preview.reaction_removed') : preview;
	}
	if (type === 'edit') return preview.replace(/^✏️ (.*)$/su, (_, text: string) => `✏️ ${previewText({ preview: text })}`);
	for (const [english, key] of words) {
		if (preview.startsWith(english)) return `${english.slice(0, english.search(/[A-Z]/))}${t(key)}${preview.slice(english.length)}`;
	}
	const key = bare[preview.trim()];
	return key ? `${preview.trim()} ${t(key)}` : preview;
}
