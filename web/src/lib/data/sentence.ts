/** A server's remark as a sentence of the page. */
export function sentence(text: string): string {
	const start = text.charAt(0).toLocaleUpperCase() + text.slice(1);
	return /[.!?…]$/.test(start) ? start : `${start}.`;
}
