'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { requireAccessible, requireNoOverflow } = require('./browser');
const { push, pushDemo, series, broken, pause } = require('./push');
const { devices, longPath, lookAt, rowOf, mark, requireNotReloaded } = require('./parts');

// The command of the empty page, as it stands, pushes a group that appears by itself.
async function emptyPage(browser) {
	const page = await browser.open();
	await mark(page);
	await requireAccessible(page, 'empty');
	const command = await page.locator('#command').innerText();
	execFileSync('sh', ['-c', command], { timeout: 10_000 });
	await rowOf(page, 'groups', 'some_job').waitFor();
	await requireNotReloaded(page);
	assert.equal(await page.locator('#command').count(), 0);
	assert.match(await rowOf(page, 'groups', 'some_job').innerText(), /accepted/);
}

// What is pushed appears, can be searched for, and leads to all that is known of it.
async function search(browser, url) {
	for (const instance of ['db1', 'db2']) {
		await push(url, `/metrics/job/backup/instance/${instance}`, series('files', 3), { gzip: true });
	}
	await push(url, '/metrics/job/report', 'rows 12\n', { method: 'POST' });
	const page = await browser.open();
	await mark(page);
	assert.equal(await page.locator('#groups tbody tr').count(), 3);
	await page.getByLabel('Search by job').fill('BACK');
	await rowOf(page, 'groups', 'report').waitFor({ state: 'detached' });
	await requireNotReloaded(page);
	assert.match(page.url(), /\?job=BACK$/);
	await rowOf(page, 'groups', 'db1').getByRole('link').click();
	await page.getByRole('heading', { level: 1, name: 'backup' }).waitFor();
	const text = await page.locator('main').innerText();
	for (const fact of ['db1', 'gzip', 'PUT', 'text', 'accepted', '127.0.0.1', 'last_over_time(push_time_seconds{job="backup",instance="db1"}[1d])']) {
		assert.ok(text.includes(fact), `${fact} is in: ${text}`);
	}
	assert.equal(await page.locator('dt:text-is("Samples") + dd').innerText(), '3');
	await page.goBack();
	assert.equal(await page.locator('#groups tbody tr').count(), 2, 'what was searched for is still there');
	await page.getByLabel('Search by job').fill('nothing');
	await page.getByText('No job that pushed has this in its name').waitFor();
	await page.getByRole('link', { name: 'Show all' }).click();
	await rowOf(page, 'groups', 'report').waitFor();
}

// Each broken job is named, with the reason and the line; on the list as on the page of its group.
async function refusals(browser, url) {
	const page = await browser.open();
	await mark(page);
	for (const { job, body, status } of broken) {
		await push(url, `/metrics/job/${job}/disk/sda`, body, { status });
	}
	for (let i = 0; i < 2; i++) {
		await push(url, '/metrics/jobs/x', 'x 1\n', { status: 404 });
	}
	await rowOf(page, 'refusals', '/metrics/jobs/x').waitFor();
	await requireNotReloaded(page);
	assert.match(await rowOf(page, 'refusals', '/metrics/jobs/x').innerText(), /404[^]*not_found[^]*2/);
	for (const { job, status, reason, line } of broken) {
		const expected = [String(status), reason, ...(line ? [`line ${line}`] : [])];
		const row = rowOf(page, 'refusals', job);
		for (const part of expected) {
			assert.ok((await row.innerText()).includes(part), `${job}: ${part} in ${await row.innerText()}`);
		}
		await row.getByRole('link').click();
		await page.getByRole('heading', { level: 1, name: job }).waitFor();
		const callout = await page.locator('#last .callout').innerText();
		for (const part of expected) {
			assert.ok(callout.includes(part), `${job}: ${part} in ${callout}`);
		}
		assert.match(await page.locator('#last').innerText(), /refused/);
		await page.getByRole('link', { name: 'All pushes' }).click();
	}
}

// What the pipeline does not take is not the job's fault, and told apart.
async function failed(browser, url) {
	await push(url, '/metrics/job/unlucky', 'x 1\n', { status: 503 });
	const page = await browser.open();
	assert.match(await rowOf(page, 'groups', 'unlucky').innerText(), /failed[^]*pipeline_unavailable/);
	assert.equal(await page.locator('.tiles .failed dd').innerText(), '1');
}

// Nothing that is pushed is anything but text, in whatever place.
async function hostile(browser, url) {
	const attacks = [
		'<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', `' onmouseover='alert(1)`,
		'{{.}}', '</title><script>alert(1)</script>', 'javascript:alert(1)', '\u202ereversed\u0007',
	];
	for (const attack of attacks) {
		const encoded = encodeURIComponent(attack);
		await push(url, `/metrics/job/${encoded}/v/${encoded}`, 'x 1\n');
		await push(url, `/metrics/job/body/v/${encoded}`, `x ${attack}\n`, { status: 400 });
		await push(url, `/metrics/${encoded}/x`, 'x 1\n', { status: 404 });
		await push(url, `/metrics/job/label/${encoded}/x`, 'x 1\n', { status: attack === '' ? 400 : 200 });
	}
	const page = await browser.open();
	const check = async name => {
		const found = await page.evaluate(() => ({
			scripts: document.scripts.length,
			elements: document.querySelectorAll('img, iframe, object, main svg, main script, [onerror], [onload], [onmouseover]').length,
			links: [...document.links].filter(a => a.origin !== location.origin).length,
		}));
		assert.deepEqual(found, { scripts: 1, elements: 0, links: 0 }, name);
	};
	await check('list');
	assert.ok((await page.locator('#groups').innerText()).includes(attacks[1]), 'it is text');
	assert.ok((await page.locator('main').innerText()).includes('\\u202ereversed\u2407'), 'what cannot be seen is shown');
	const links = await page.locator('#groups a.job').evaluateAll(all => all.map(a => a.href));
	for (const link of links) {
		await page.goto(link);
		await check(link);
	}
	for (const attack of attacks) {
		await page.goto(new URL(`?job=${encodeURIComponent(attack)}`, browser.url).href);
		await check(`search for ${attack}`);
		assert.equal(await page.getByLabel('Search by job').inputValue(), attack);
	}
}

// Everything can be done with the keyboard, and what has the focus keeps it when the page changes.
async function keyboard(browser, url) {
	for (const job of ['backup', 'report']) {
		await push(url, `/metrics/job/${job}`, 'x 1\n');
	}
	const page = await browser.open();
	const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
	const tabTo = async wanted => {
		for (let i = 0; i < 20; i++) {
			await page.keyboard.press('Tab');
			if (await focused() === wanted) {
				return;
			}
		}
		assert.fail(`no way to ${wanted}`);
	};
	await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Skip to the content');
	await tabTo('pause');
	await page.keyboard.press('Space');
	assert.equal(await page.getByRole('button', { name: 'Pause', pressed: true }).count(), 1);
	await push(url, '/metrics/job/later', 'x 1\n');
	await pause(6000);
	assert.equal(await rowOf(page, 'groups', 'later').count(), 0, 'it pauses');
	await page.keyboard.press('Space');
	await rowOf(page, 'groups', 'later').waitFor();
	await tabTo('job');
	await page.keyboard.type('rep');
	await rowOf(page, 'groups', 'backup').waitFor({ state: 'detached' });
	assert.equal(await focused(), 'job');
	await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
	assert.match(page.url(), /job=rep/);
	await tabTo('report');
	await push(url, '/metrics/job/report2', 'x 1\n');
	await rowOf(page, 'groups', 'report2').waitFor();
	assert.equal(await focused(), 'report', 'what has the focus keeps it');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { level: 1, name: 'report' }).waitFor();
}

// looksLike looks at all pages in light or dark, and on a screen or a phone: readable, and no wider than the window. With a directory
// it leaves pictures there.
const looksLike = (colorScheme, device) => async (browser, url, directory) => {
	const page = await browser.open('', { colorScheme, ...devices[device] });
	const look = lookAt(page, name => `${name}-${colorScheme}-${device}`, directory);
	await look('empty');
	await pushDemo(url);
	await push(url, longPath, 'x 1\n');
	await push(url, '/metrics/job/long/x/y', `${'n'.repeat(300)} nothing\n`, { status: 400 });
	await page.reload();
	await look('list');
	await page.goto(await rowOf(page, 'groups', 'import-products').getByRole('link').evaluate(a => a.href));
	await look('group');
	await page.goBack();
	await page.goto(await rowOf(page, 'groups', 'a-long-name').getByRole('link').evaluate(a => a.href));
	await requireNoOverflow(page, 'a long name');
	await page.goto(new URL('?job=nobody', browser.url).href);
	await look('nobody');
	browser.expect(/status of 404/);
	await page.goto(new URL('group/0123456789abcdef', browser.url).href);
	assert.match(await page.locator('main').innerText(), /restarted/);
	await look('unknown');
};

// Without JavaScript there is all but the refreshing.
async function withoutScript(browser, url) {
	for (const job of ['backup', 'report']) {
		await push(url, `/metrics/job/${job}`, 'x 1\n');
	}
	const page = await browser.open('', { javaScriptEnabled: false });
	await page.getByText('Reload the page').waitFor();
	assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0);
	await page.getByLabel('Search by job').fill('back');
	await page.getByRole('button', { name: 'Search' }).click();
	assert.equal(await page.locator('#groups tbody tr').count(), 1);
	await rowOf(page, 'groups', 'backup').getByRole('link').click();
	await page.getByRole('heading', { level: 1, name: 'backup' }).waitFor();
}

// A server that is away is named, and asked less and less often; when it is there again, all is well.
async function serverAway(browser, url) {
	const page = await browser.open();
	browser.expect(/ERR_INTERNET_DISCONNECTED/);
	let requests = 0;
	page.on('request', () => requests++);
	await page.context().setOffline(true);
	await page.getByText('The server does not answer.').waitFor();
	await pause(9000);
	assert.ok(requests <= 2, `${requests} requests`);
	await page.context().setOffline(false);
	await push(url, '/metrics/job/back', 'x 1\n');
	await rowOf(page, 'groups', 'back').waitFor();
	assert.equal(await page.locator('#trouble').innerText(), '');
}

// Under a prefix, with a slash at the end or without.
async function prefix(browser, url) {
	await push(url, '/pushgateway/metrics/job/backup', 'x 1\n');
	for (const path of ['pushgateway', 'pushgateway/']) {
		const page = await browser.open(path);
		assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('.tiles')).display), 'block', 'it has its style');
		await page.getByLabel('Search by job').fill('back');
		await page.waitForURL(/job=back/);
		await push(url, '/metrics/job/backup2', 'x 1\n');
		await rowOf(page, 'groups', 'backup2').waitFor();
		await rowOf(page, 'groups', 'backup2').getByRole('link').click();
		await page.getByRole('heading', { level: 1, name: 'backup2' }).waitFor();
		assert.match(page.url(), /\/pushgateway\/group\/[0-9a-f]{16}$/);
		await page.getByRole('link', { name: 'All pushes' }).click();
		assert.match(page.url(), /\/pushgateway\/$/);
		assert.equal(await page.locator('#groups tbody tr').count(), 2);
		await page.context().close();
	}
}

// The picture of the README.
async function screenshot(browser, url, path) {
	await pushDemo(url, 1200);
	const page = await browser.open('', { viewport: { width: 1200, height: 800 }, deviceScaleFactor: 2, colorScheme: 'light' });
	await page.screenshot({ path, fullPage: true });
}

module.exports = {
	emptyPage, search, refusals, failed, hostile, keyboard, withoutScript, serverAway, prefix, screenshot,
	lightScreen: looksLike('light', 'screen'), darkScreen: looksLike('dark', 'screen'),
	lightTablet: looksLike('light', 'tablet'), darkTablet: looksLike('dark', 'tablet'),
	lightPhone: looksLike('light', 'phone'), darkPhone: looksLike('dark', 'phone'),
};
