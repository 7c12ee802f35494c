// Stands between the browser and the server, and can take the connection away.
import { connect, createServer } from 'node:net';

export async function cutBefore(url) {
	const target = new URL(url);
	const open = new Set();
	let away = false;
	const server = createServer((near) => {
		if (away) return near.destroy();
		const far = connect(Number(target.port), target.hostname);
		for (const socket of [near, far]) {
			open.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => {
				open.delete(socket);
				near.destroy();
				far.destroy();
			});
		}
		near.pipe(far);
		far.pipe(near);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		/** Connections end, and new ones too, until `back`. */
		away() {
			away = true;
			for (const socket of open) socket.destroy();
		},
		back() {
			away = false;
		},
		close() {
			this.away();
			return new Promise((resolve) => server.close(resolve));
		}
	};
}
