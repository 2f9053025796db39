// SPDX-License-Identifier: LGPL-2.1-or-later
// For places.py: answers without saying from where, on the line that says so; with an argument only when a line came.
const dgram = require('dgram');

function lookup(address, family, callback) { // HERE
	callback(null, address, family); // the datagram is sent when the address is known: from here
}

function again(address, family, callback) { // AGAIN
	callback(null, address, family);
}

function ask(lookup, then) {
	const server = dgram.createSocket({ type: 'udp4', lookup });
	const client = dgram.createSocket('udp4');

	server.on('message', (what, from) => server.send('x', from.port, from.address));
	client.on('message', then);
	server.bind(0, () => client.bind(0, '127.0.0.1', () => client.send('x', server.address().port, '127.0.0.1')));
}

function end() {
	require('fs').rmSync(`/tmp/perf-${process.pid}.map`, { force: true }); // --perf-basic-prof wrote it
	process.exit(0);
}

function start() {
	const last = () => process.argv.length > 2 && !process.stdin.readableEnded ? process.stdin.once('end', end) : end();

	ask(lookup, () => process.env.PLACE_TWICE ? ask(again, last) : last());
}

if (process.argv.length > 2)
	process.stdin.once('data', start);
else
	start();
