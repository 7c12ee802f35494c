// What can be done from the keyboard and the command palette. Pages add theirs while they are open.
import type { Component } from 'svelte';

export interface Command {
	id: string;
	/** In the person's language. */
	label: string;
	group: string;
	icon?: Component;
	/** As pressed: `e`, `?`, `g i` (one after the other), `mod+k`. */
	keys?: string[];
	run: () => void;
	/** Not in the palette: moving about. */
	hidden?: boolean;
	/** Further words that the palette finds it by. */
	words?: string;
}

class Commands {
	#sources = $state.raw<(() => Command[])[]>([]);
	/** A dialog is open: single keys are its own. */
	paused = $state(0);

	get all(): Command[] {
		return this.#sources.flatMap((source) => source());
	}

	/** Adds commands; the function is asked each time, so labels follow the language. */
	add(source: () => Command[]): () => void {
		this.#sources = [...this.#sources, source];
		return () => (this.#sources = this.#sources.filter((one) => one !== source));
	}
}

export const commands = new Commands();

/** Whether keys are being typed into this element. */
export function isTyping(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The name of a pressed key as commands spell it. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
	const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`;
}

let pending = '';
let pendingAt = 0;

/** Runs the command of a pressed key. Single keys work only where nothing is typed. */
export function handleKey(event: KeyboardEvent): void {
	if (event.defaultPrevented || event.isComposing) return;
	const name = keyName(event);
	const withModifier = name.startsWith('mod+');
	if (!withModifier && (isTyping(event.target) || commands.paused > 0)) return;
	if (!withModifier && document.querySelector('[role="menu"], [role="dialog"]')) return;
	const sequence = pending && Date.now() - pendingAt < 1200 ? `${pending} ${name}` : name;
	const all = commands.all;
	const command = all.find((one) => one.keys?.includes(sequence)) ?? (sequence === name ? undefined : all.find((one) => one.keys?.includes(name)));
	pending = '';
	if (command) {
		// Enter and arrows on a focused button or link are the button's.
		if ((name === 'Enter' || name === ' ') && event.target instanceof Element && event.target.closest('button, a, [role="option"]')) return;
		event.preventDefault();
		command.run();
	} else if (all.some((one) => one.keys?.some((keys) => keys.startsWith(`${name} `)))) {
		pending = name;
		pendingAt = Date.now();
	}
}
