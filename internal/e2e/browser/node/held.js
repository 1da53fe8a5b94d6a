// The scenarios of groups that are held.
'use strict';

const assert = require('node:assert/strict');
const { requireAccessible } = require('./browser');
const { push, pushDemo, pause } = require('./push');
const { devices, longPath, lookAt, rowOf, mark, requireNotReloaded } = require('./parts');

const openHeld = async page => {
	await page.getByRole('link', { name: 'Held groups' }).click();
	await page.getByRole('heading', { level: 1, name: 'Held groups' }).waitFor();
};

const openGroup = async (page, text) => {
	await rowOf(page, 'held', text).getByRole('link').click();
	await page.locator('#metrics').waitFor();
};

// held returns the jobs that are held.
const held = async url => (await (await fetch(url + 'api/v1/metrics')).json()).data.map(group => group.labels.job);

// What is held is listed, by itself, can be searched for, and leads to its metrics, which have no values.
async function heldGroups(browser, url) {
	const page = await browser.open();
	assert.equal(await page.getByRole('link', { name: 'Pushes', exact: true }).getAttribute('aria-current'), 'page');
	await openHeld(page);
	assert.match(await page.locator('#held').innerText(), /Nothing is held/);
	await requireAccessible(page, 'nothing held');
	await mark(page);
	await push(url, '/metrics/job/backup/instance/db1', '# TYPE files gauge\nfiles{disk="a"} 424242\nfiles{disk="b"} 424242\nsize 424242\n');
	await rowOf(page, 'held', 'backup').waitFor();
	await requireNotReloaded(page);
	await push(url, '/metrics/job/report', 'rows 12\n');
	await push(url, '/metrics/job/broken', 'rows\n', { status: 400 });
	await rowOf(page, 'held', 'broken').waitFor();
	await page.getByLabel('Search by job').fill('BACK');
	await rowOf(page, 'held', 'report').waitFor({ state: 'detached' });
	assert.match(page.url(), /held\?job=BACK$/);
	await page.getByRole('link', { name: 'Show all' }).click();
	assert.equal(await page.locator('#held tbody tr').count(), 3);
	assert.match(await rowOf(page, 'held', 'broken').innerText(), /never/);
	await openGroup(page, 'backup');
	assert.match(await rowOf(page, 'metrics', 'files').innerText(), /gauge[^]*2/);
	assert.match(await rowOf(page, 'metrics', 'size').innerText(), /untyped[^]*1/);
	assert.match(await page.locator('#held').innerText(), /Series\s+3[^]*Expires\s+in 3 days/);
	assert.ok(!(await page.content()).includes('424242'), 'there are no values');
	await push(url, '/metrics/job/backup/instance/db1', 'later 1\n', { method: 'POST' });
	await rowOf(page, 'metrics', 'later').waitFor();
	await push(url, '/metrics/job/backup/instance/db1', '', { method: 'DELETE', status: 202 });
	await page.getByText('Nothing: the group was deleted').waitFor();
	await page.getByRole('link', { name: 'Pushgateway receiver' }).click();
	await page.getByText('Updated').waitFor();
	assert.match(await page.locator('#totals').innerText(), /Held groups\s+2/);
}

// Keys and names are nothing but text, also when they are deleted.
async function hostileHeld(browser, url) {
	const attacks = ['<script>alert(1)</script>', '"><svg onload=alert(1)>', `' onmouseover='alert(1)`, '{{.}}', '\u202ereversed\u0007'];
	for (const attack of attacks) {
		const encoded = encodeURIComponent(attack);
		await push(url, `/metrics/job/${encoded}/v/${encoded}`, `{${JSON.stringify(attack.replace('\u0007', ''))}} 1\n`);
	}
	const page = await browser.open('held');
	const check = async name => {
		const found = await page.evaluate(() => ({
			scripts: document.scripts.length,
			elements: document.querySelectorAll('img, iframe, object, main svg, main script, [onerror], [onload], [onmouseover]').length,
			links: [...document.links].filter(a => a.origin !== location.origin).length,
		}));
		assert.deepEqual(found, { scripts: 1, elements: 0, links: 0 }, name);
	};
	const links = await page.locator('#held a.job').evaluateAll(all => all.map(a => a.href));
	assert.equal(links.length, attacks.length);
	for (const link of links) {
		await page.goto(link);
		await check(link);
		await page.getByText('Delete this group').click();
		await page.getByRole('button', { name: 'Delete it for good' }).click();
		await page.getByRole('status').filter({ hasText: 'Deleted' }).waitFor();
		await check(`${link}, deleted`);
	}
	assert.deepEqual(await held(browser.url), []);
}

// Deleting takes two steps, of which the first changes nothing, and no mouse. What was deleted is said.
async function deleteWithKeyboard(browser, url) {
	for (const job of ['backup', 'report']) {
		await push(url, `/metrics/job/${job}/team/a`, 'x 1\n');
	}
	const page = await browser.open('held');
	await openGroup(page, 'backup');
	const focused = () => page.evaluate(() => document.activeElement.textContent);
	for (let i = 0; await focused() !== 'Delete this group'; i++) {
		assert.ok(i < 30, 'no way to the summary');
		await page.keyboard.press('Tab');
	}
	assert.ok(!await page.getByRole('button', { name: 'Delete it for good' }).isVisible());
	await page.keyboard.press('Enter');
	await page.getByText('cannot be undone').waitFor();
	await requireAccessible(page, 'before it is deleted');
	await pause(6000);
	assert.ok(await page.getByText('cannot be undone').isVisible(), 'it stays open while the page refreshes itself');
	assert.deepEqual((await held(browser.url)).sort(), ['backup', 'report']);
	await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Delete it for good');
	await page.keyboard.press('Enter');
	const message = page.getByRole('status').filter({ hasText: 'Deleted' });
	await message.waitFor();
	assert.match(await message.innerText(), /backup[^]*team=a/);
	await requireAccessible(page, 'after it is deleted');
	assert.equal(await page.locator('#held tbody tr').count(), 1);
	assert.deepEqual(await held(browser.url), ['report']);
}

async function deleteWithoutScript(browser, url) {
	await push(url, '/metrics/job/backup', 'x 1\n');
	const page = await browser.open('pushgateway/', { javaScriptEnabled: false });
	await openHeld(page);
	await openGroup(page, 'backup');
	await page.getByText('Delete this group').click();
	await page.getByRole('button', { name: 'Delete it for good' }).click();
	await page.getByRole('status').filter({ hasText: 'Deleted' }).waitFor();
	assert.match(page.url(), /\/pushgateway\/held\?deleted=[0-9a-f]{16}$/);
	assert.match(await page.locator('#held').innerText(), /Nothing is held/);
	assert.deepEqual(await held(browser.url), []);
}

// Another site cannot have it done, though it knew the token.
async function deleteFromElsewhere(browser, url) {
	await push(url, '/metrics/job/backup', 'x 1\n');
	const page = await browser.open('held');
	await openGroup(page, 'backup');
	const action = `${page.url()}/delete`;
	const token = await page.locator('input[name=token]').inputValue();
	browser.expect(/status of 403/);
	await page.goto(`data:text/html,<form action="${action}" method="post"><input name="token" value="${token}"><button>Win</button></form>`);
	await page.getByRole('button', { name: 'Win' }).click();
	await page.getByText('does not come from the form of this page').waitFor();
	assert.deepEqual(await held(browser.url), ['backup']);
}

// Without the setting there is no button, and nothing else to delete with.
async function noDelete(browser, url) {
	await push(url, '/metrics/job/backup', 'x 1\n');
	const page = await browser.open('held');
	await openGroup(page, 'backup');
	assert.equal(await page.locator('form[method=post], details').count(), 0);
	assert.ok(!(await page.locator('main').innerText()).includes('Delete'));
	const answer = await fetch(`${page.url()}/delete`, { method: 'POST', body: new URLSearchParams({ token: '' }) });
	assert.equal(answer.status, 404);
	assert.deepEqual(await held(browser.url), ['backup']);
}

// With a name instead of an address, a browser has only the origin to say.
async function deleteByName(browser, url) {
	await push(url, '/metrics/job/backup', 'x 1\n');
	browser.expect(/Cross-Origin-Opener-Policy header has been ignored/);
	const page = await browser.open('held', { httpCredentials: { username: 'user', password: 'right' } });
	await openGroup(page, 'backup');
	let headers;
	page.on('request', async request => {
		if (request.method() === 'POST') {
			headers = request.allHeaders();
		}
	});
	await page.getByText('Delete this group').click();
	await page.getByRole('button', { name: 'Delete it for good' }).click();
	await page.getByRole('status').filter({ hasText: 'Deleted' }).waitFor();
	const sent = await headers;
	assert.equal(sent.origin, new URL(browser.url).origin);
	assert.equal(sent['sec-fetch-site'], undefined);
}

// looksLike looks at all that is about held groups in light or dark, and on a screen or a phone. With a directory it leaves pictures there.
const looksLike = (colorScheme, device) => async (browser, url, directory) => {
	const page = await browser.open('held', { colorScheme, ...devices[device] });
	const look = lookAt(page, name => `held-${name}-${colorScheme}-${device}`, directory);
	await look('nothing');
	await pushDemo(url);
	await push(url, longPath, `${'n'.repeat(300)} 1\nx 1\n`);
	await page.reload();
	await look('list');
	await openGroup(page, 'a-long-name');
	await page.getByText('Delete this group').click();
	await look('group');
	await page.getByRole('button', { name: 'Delete it for good' }).click();
	await page.getByRole('status').filter({ hasText: 'Deleted' }).waitFor();
	await look('deleted');
	await page.getByRole('link', { name: 'Pushes', exact: true }).click();
	await look('pushes');
};

module.exports = {
	held: heldGroups, hostileHeld, deleteWithKeyboard, deleteWithoutScript, deleteFromElsewhere, noDelete, deleteByName,
	heldLightScreen: looksLike('light', 'screen'), heldDarkScreen: looksLike('dark', 'screen'),
	heldLightTablet: looksLike('light', 'tablet'), heldDarkTablet: looksLike('dark', 'tablet'),
	heldLightPhone: looksLike('light', 'phone'), heldDarkPhone: looksLike('dark', 'phone'),
};
