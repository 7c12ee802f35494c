import type { Component } from 'svelte';

export type MenuEntry =
	| {
			kind?: 'item';
			label: string;
			run?: () => void;
			href?: string;
			icon?: Component;
			/** Small, at the end: a key, a time. */
			hint?: string;
			/** One of several; true is the present one. */
			checked?: boolean;
			danger?: boolean;
			disabled?: boolean;
	  }
	| { kind: 'line' }
	| { kind: 'group'; label: string };
