// The page to connect has a looser content security policy than the others, and a policy belongs to the document that
// was loaded. So it is entered and left by loading a document, never by a step within the application.
import { beforeNavigate } from '$app/navigation';

/** To be called by the page to connect. False: it was stepped into, and is being loaded afresh. */
export function ownDocument(): boolean {
	beforeNavigate(({ to, willUnload, cancel }) => {
		if (willUnload || !to || to.url.pathname === location.pathname) return;
		cancel();
		location.assign(to.url);
	});
	const [loaded] = performance.getEntriesByType('navigation');
	if (!loaded || new URL(loaded.name).pathname === location.pathname) return true;
	location.reload();
	return false;
}
