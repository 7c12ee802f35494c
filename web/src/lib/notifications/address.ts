/** Where a source posts: the server says the whole address or its path. */
export const addressOf = (source: { id: string; url?: string | null }): string => new URL(source.url || `/hooks/events/${source.id}`, location.origin).href;
