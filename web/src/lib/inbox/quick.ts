// Which quick replies the word under the caret asks for.
import type { QuickReply } from '$lib/api';
import { plain } from '$lib/shell/search';

const MOST = 8;

/** The word under the caret without its slash, when it begins with one. */
export function slashed(text: string, caret: number): string | null {
	const found = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret));
	return found ? (found[1] ?? '') : null;
}

/** The replies that fit, those first whose shortcut begins so. */
export function fitting(replies: QuickReply[], word: string): QuickReply[] {
	const wanted = plain(word);
	const begins = (reply: QuickReply) => Number(plain(reply.shortcut).startsWith(wanted));
	return replies
		.filter((reply) => plain(reply.shortcut).includes(wanted) || (wanted.length > 1 && plain(reply.text).includes(wanted)))
		.sort((a, b) => begins(b) - begins(a) || a.shortcut.localeCompare(b.shortcut))
		.slice(0, MOST);
}
