// What a file becomes in WhatsApp, by Meta's list of types and sizes (page "media"). Pure.

export type Kind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

const kinds: Record<string, Kind> = {
	'image/jpeg': 'image',
	'image/png': 'image',
	'video/mp4': 'video',
	'video/3gpp': 'video',
	'audio/aac': 'audio',
	'audio/amr': 'audio',
	'audio/mpeg': 'audio',
	'audio/mp4': 'audio',
	'audio/ogg': 'audio'
};

const MB = 1024 * 1024;
// A picture of more than Meta's 5 MB is made smaller by the server, up to this.
const most: Record<Kind, number> = { image: 25 * MB, video: 16 * MB, audio: 16 * MB, document: 100 * MB, sticker: 500 * 1024 };

/** Everything that Meta takes as nothing else goes as a document. */
export function kindOf(mime: string): Kind {
	return kinds[mime.split(';')[0]?.trim().toLowerCase() ?? ''] ?? 'document';
}

/** The largest size of a kind in bytes, when the file is over it; a picture that is too large could go as a document. */
export function tooLarge(kind: Kind, bytes: number): number | null {
	return bytes > most[kind] ? most[kind] : null;
}

/** Whether a caption can stand with it. */
export const takesCaption = (kind: Kind): boolean => kind === 'image' || kind === 'video' || kind === 'document';
