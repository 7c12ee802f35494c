// Writes `.br` and `.gz` beside every text file of a built web application, for the server to send as they are.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const TEXT = /\.(html|js|mjs|css|json|svg|txt|webmanifest|wasm)$/;
/** Below this a packet is a packet. */
const WORTH_IT = 256;
const folder = process.argv.at(-1);

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
	if (!entry.isFile() || !TEXT.test(entry.name)) continue;
	const path = join(entry.parentPath ?? entry.path, entry.name);
	const text = readFileSync(path);
	if (text.length < WORTH_IT) continue;
	const forms = {
		br: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
		gz: gzipSync(text, { level: 9 })
	};
	for (const [ending, bytes] of Object.entries(forms)) {
		if (bytes.length < text.length) writeFileSync(`${path}.${ending}`, bytes);
	}
}
