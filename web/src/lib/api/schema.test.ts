import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, test } from 'vitest';

test('schema.d.ts says what openapi.json says; else run `npm run api`', async () => {
	const document = JSON.parse(readFileSync(new URL('../../../../openapi.json', import.meta.url), 'utf8'));
	const wanted = COMMENT_HEADER + astToString(await openapiTS(document, { defaultNonNullable: false, emptyObjectsUnknown: true }));
	expect(readFileSync(new URL('./schema.d.ts', import.meta.url), 'utf8')).toBe(wanted);
});
