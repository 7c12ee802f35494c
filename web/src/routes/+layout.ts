// An application in the browser alone: the server sends one page for all addresses.
export const ssr = false;
export const prerender = false;
export const trailingSlash = 'never';
