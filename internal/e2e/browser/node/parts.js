// What the scenarios have in common.
'use strict';

const assert = require('node:assert/strict');

const devices = {
	screen: {},
	tablet: { viewport: { width: 800, height: 900 } },
	phone: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};
const rowOf = (page, table, text) => page.locator(`#${table} tbody tr`, { hasText: text });

// mark marks what a reload would lose.
const mark = page => page.evaluate(() => { window.marked = true; });
const requireNotReloaded = async page => assert.ok(await page.evaluate(() => window.marked), 'the page was not reloaded');

module.exports = { devices, rowOf, mark, requireNotReloaded };
