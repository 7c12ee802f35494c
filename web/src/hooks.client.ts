// A style that did not come (the connection broke in that moment) must not stop what it belongs to: it works without,
// and the next load brings it.
addEventListener('vite:preloadError', (event) => {
	if (/preload CSS/.test(String(event.payload))) event.preventDefault();
});
