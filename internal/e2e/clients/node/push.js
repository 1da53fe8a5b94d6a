// Pushes with prom-client: push.js <operation> <url> <job> [<label> <value>]...
'use strict';

const fs = require('fs');
const { Counter, Gauge, Histogram, Pushgateway, Registry } = require('prom-client');

const [operation, url, jobName, ...pairs] = process.argv.slice(2);
const groupings = {};
for (let i = 0; i < pairs.length; i += 2) {
	groupings[pairs[i]] = pairs[i + 1];
}

const options = {};
if (process.env.PUSH_GZIP) {
	options.headers = { 'Content-Encoding': 'gzip' };
}
if (process.env.PUSH_USERNAME) {
	options.auth = `${process.env.PUSH_USERNAME}:${process.env.PUSH_PASSWORD}`;
}
if (process.env.PUSH_CA_FILE) {
	options.ca = fs.readFileSync(process.env.PUSH_CA_FILE);
}

const registry = new Registry();
const registers = [registry];
const files = new Counter({ name: 'backup_files_total', help: 'Files that were saved.', registers });
const size = new Gauge({ name: 'backup_size_bytes', help: 'Size of the backup.', labelNames: ['disk'], registers });
const duration = new Histogram({ name: 'backup_duration_seconds', help: 'Time per file.', buckets: [1, 10], registers });
files.inc(3);
size.set({ disk: 'sda' }, 4096);
duration.observe(0.5);
duration.observe(20);

const gateway = new Pushgateway(url, options, registry);
const operations = { push: gateway.push, add: gateway.pushAdd, delete: gateway.delete };
operations[operation]
	.call(gateway, { jobName, groupings })
	.then(() => console.log('ok'))
	.catch(err => console.log(`error: ${err.message}`));
