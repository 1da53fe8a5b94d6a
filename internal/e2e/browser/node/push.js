'use strict';

const assert = require('node:assert/strict');
const { gzipSync } = require('node:zlib');

// push pushes a body, and fails if the answer has another status.
async function push(url, path, body, { status = 200, method = 'PUT', type = 'text/plain', gzip = false } = {}) {
	const headers = { 'Content-Type': type };
	if (gzip) {
		headers['Content-Encoding'] = 'gzip';
	}
	const answer = await fetch(url + path, { method, headers, body: gzip ? gzipSync(body) : body });
	const text = await answer.text();
	assert.equal(answer.status, status, `${path}: ${text}`);
	return text;
}

const series = (name, n) => Array.from({ length: n }, (_, i) => `${name}{shard="${i}"} ${i * 7}\n`).join('');

// The jobs that are broken, and what must be said of each.
const broken = [
	{ job: 'bad-line', body: 'files 3\nsize_bytes is 4096\n', status: 400, reason: 'syntax', line: 2 },
	{ job: 'bad-type', body: '# HELP files Files.\n# TYPE files number\nfiles 3\n', status: 400, reason: 'syntax', line: 2 },
	{
		job: 'bad-buckets', status: 400, reason: 'inconsistent',
		body: '# TYPE t histogram\nt_bucket{le="1"} 5\nt_bucket{le="+Inf"} 3\nt_sum 1\nt_count 3\n',
	},
	{ job: 'too-large', body: series('x', 100_000), status: 413, reason: 'max_request_body_size' },
];

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// pushDemo pushes what a morning may bring, with pauses in between if they are not 0.
async function pushDemo(url, unit = 0) {
	const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
	for (const region of ['eu-west', 'us-east']) {
		await push(url, `/metrics/job/billing-export/region/${region}`, series('invoices_exported', 240), { gzip: true, method: 'POST' });
		await pause(2 * unit);
	}
	await push(url, '/metrics/job/certificate-renewal', '# TYPE expires gauge\nexpires 1.8e9\n# EOF\n', { type: openMetrics });
	await push(url, '/metrics/job/report-weekly/team/finance', '# TYPE rows counter\nrows 12\nrows twelve\n', { status: 400 });
	await pause(3 * unit);
	for (let i = 0; i < 3; i++) {
		await push(url, '/metrics/job/ml-training/model/churn/run/2211', series('loss', 9000), { status: 413, method: 'POST' });
		await pause(unit);
	}
	await push(url, '/metrics/job/ci/repo/shop/branch/main', series('test_seconds', 1200), { gzip: true });
	await push(url, '/metrics/jobs/cleanup', 'removed 3\n', { status: 404 });
	await push(url, '/metrics/job/import-products/source/erp', broken[2].body, { status: 400 });
	await pause(4 * unit);
	await push(url, '/metrics/job/ci/repo/api/branch/main', series('test_seconds', 310), { gzip: true });
	for (const instance of ['db1', 'db2']) {
		await pause(2 * unit);
		await push(url, `/metrics/job/backup/instance/${instance}`, series('backup_size_bytes', 12) + 'backup_last_success_timestamp_seconds 1.79e9\n');
	}
	await pause(2 * unit);
}

module.exports = { push, pushDemo, series, broken, pause };
