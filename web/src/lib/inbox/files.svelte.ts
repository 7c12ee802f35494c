// The files that somebody is about to send.
import { fmt } from '$lib/format';
import { t } from '$lib/i18n';
import { toasts } from '$lib/ui';
import { kindOf, takesCaption, tooLarge } from './attach';

const MOST = 10;

export interface Attachment {
	file: File;
	/** Of a picture, to show it. */
	url: string | null;
	/** Why it cannot be sent. */
	problem: string | null;
}

export class Files {
	all = $state.raw<Attachment[]>([]);

	get takeCaption(): boolean {
		return this.all.some((one) => takesCaption(kindOf(one.file.type)));
	}

	get bad(): boolean {
		return this.all.some((one) => one.problem);
	}

	add(list: Iterable<File>): void {
		const added = [...list].map((file) => {
			const kind = kindOf(file.type);
			const limit = tooLarge(kind, file.size);
			return { file, url: kind === 'image' ? URL.createObjectURL(file) : null, problem: limit ? t('composer.too_large', { limit: fmt.bytes(limit) }) : file.size === 0 ? t('composer.empty_file') : null };
		});
		const all = [...this.all, ...added];
		const over = all.splice(MOST);
		over.forEach(unseen);
		this.all = all;
		if (over.length > 0) toasts.error(t('composer.too_many_files', { count: over.length, most: MOST }));
	}

	remove(place: number): void {
		const one = this.all[place];
		if (one) unseen(one);
		this.all = this.all.filter((_, at) => at !== place);
	}

	clear(): void {
		this.all.forEach(unseen);
		this.all = [];
	}
}

const unseen = ({ url }: Attachment) => url && URL.revokeObjectURL(url);
