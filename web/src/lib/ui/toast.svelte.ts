// Short news at the edge of the page, read out by screen readers.
export interface Toast {
	id: number;
	tone: 'ok' | 'bad' | 'info';
	text: string;
	action?: { label: string; run: () => void };
}

class Toasts {
	list = $state<Toast[]>([]);
	#next = 1;

	show(text: string, options: { tone?: Toast['tone']; action?: Toast['action']; ms?: number } = {}): void {
		const toast: Toast = { id: this.#next++, text, tone: options.tone ?? 'ok', action: options.action };
		this.list = [...this.list.slice(-2), toast];
		// What went wrong stays longer, what can be acted on too.
		setTimeout(() => this.dismiss(toast.id), options.ms ?? (toast.tone === 'bad' || toast.action ? 8000 : 4000));
	}

	error(text: string): void {
		this.show(text, { tone: 'bad' });
	}

	dismiss(id: number): void {
		this.list = this.list.filter((toast) => toast.id !== id);
	}
}

export const toasts = new Toasts();
