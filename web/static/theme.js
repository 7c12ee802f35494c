// Before the first paint: the theme and language of the last visit, so that nothing flashes. A file and not an inline
// script, because of the content security policy.
try {
	var theme = localStorage.getItem('trunkline.theme');
	if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
	var language = localStorage.getItem('trunkline.language');
	if (language) document.documentElement.lang = language;
} catch (_) {
	// Storage is switched off: the system's theme it is.
}
