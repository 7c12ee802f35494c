// What of the shell is open.
class Shell {
	palette = $state(false);
	/** Typed for the palette before it was there; a line break for Enter. */
	typed = '';
	help = $state(false);
}

export const shell = new Shell();
