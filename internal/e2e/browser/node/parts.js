// What the scenarios have in common.
'use strict';

const assert = require('node:assert/strict');
const { requireAccessible, requireNoOverflow } = require('./browser');

const devices = {
	screen: {},
	tablet: { viewport: { width: 800, height: 900 } },
	phone: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};
const rowOf = (page, table, text) => page.locator(`#${table} tbody tr`, { hasText: text });

// mark marks what a reload would lose.
const mark = page => page.evaluate(() => { window.marked = true; });
const requireNotReloaded = async page => assert.ok(await page.evaluate(() => window.marked), 'the page was not reloaded');

// longPath is the path of a group whose names and values are wider than any window.
const long = ['a-long-name-'.repeat(12), 'label_'.repeat(12), 'long%20value%20'.repeat(15), 'x', 'w'.repeat(240)];
const longPath = `/metrics/job/${long.join('/')}`;

// lookAt returns what looks at the page: readable, and no wider than the window. With a directory it leaves a picture there, called
// what nameOf makes of the name.
const lookAt = (page, nameOf, directory) => async name => {
	name = nameOf(name);
	await requireNoOverflow(page, name);
	await requireAccessible(page, name);
	if (directory) {
		await page.screenshot({ path: `${directory}/${name}.png`, fullPage: true });
	}
};

module.exports = { devices, longPath, lookAt, rowOf, mark, requireNotReloaded };
