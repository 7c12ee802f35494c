/** Where a support contact leads: a mail address, a phone number or a page; null for mere words. */
export function contactLink(contact: string): string | null {
	const text = contact.trim();
	if (/^https?:\/\//i.test(text)) return text;
	if (/^[^\s@]+@[^\s@]+$/.test(text)) return `mailto:${text}`;
	if (/^\+?[\d\s().-]{6,}$/.test(text)) return `tel:${text.replace(/[^\d+]/g, '')}`;
	return null;
}
