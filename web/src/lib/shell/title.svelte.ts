// The document's title: unread first, then the page, then the product.
class Title {
	#page = $state('');
	unread = $state(0);

	set(page: string): void {
		this.#page = page;
	}
	get text(): string {
		return `${this.unread > 0 ? `(${this.unread}) ` : ''}${this.#page ? `${this.#page} · ` : ''}Trunkline`;
	}
}

export const title = new Title();
