'use strict';

const assert = require('node:assert/strict');
const axe = require('axe-core');
const { chromium } = require('playwright-core');

// A Browser opens pages, and notes what must not happen in any of them.
class Browser {
	static async launch(url) {
		const browser = await chromium.launch({
			executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
			args: ['--host-resolver-rules=MAP *.test 127.0.0.1'],
			chromiumSandbox: false, // root and containers have none; what is opened are our own pages
		});
		return new Browser(browser, url);
	}

	constructor(browser, url) {
		this.browser = browser;
		this.url = url;
		this.problems = [];
		this.expected = [];
	}

	// open opens the page in a context of its own, with Playwright's options for that.
	async open(path = '', options = {}) {
		const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
		context.setDefaultTimeout(20_000);
		const page = await context.newPage();
		page.on('console', message => ['error', 'warning'].includes(message.type()) && this.note(`console: ${message.text()}`));
		page.on('pageerror', err => this.note(`page error: ${err}`));
		page.on('dialog', dialog => {
			this.note(`dialog: ${dialog.message()}`);
			dialog.dismiss();
		});
		page.on('request', request => {
			const { origin, protocol } = new URL(request.url());
			if (origin !== new URL(this.url).origin && protocol !== 'data:') {
				this.note(`request: ${request.url()}`);
			}
			if (request.url().includes('favicon')) {
				this.note(`request: ${request.url()}`);
			}
		});
		await page.goto(new URL(path, this.url).href);
		return page;
	}

	// expect says that a problem is none.
	expect(pattern) { this.expected.push(pattern); }

	note(problem) {
		if (!this.expected.some(pattern => pattern.test(problem))) {
			this.problems.push(problem);
		}
	}

	requireNoProblems() { assert.deepEqual(this.problems, []); }

	close() { return this.browser.close(); }
}

// requireAccessible fails if axe finds what is against WCAG 2, level A or AA.
async function requireAccessible(page, name) {
	await page.evaluate(axe.source);
	const { violations, passes } = await page.evaluate(() => window.axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
	}));
	const found = violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(node => node.html).join(' ')}`);
	assert.deepEqual(found, [], name);
	assert.ok(passes.some(rule => rule.id === 'color-contrast'), `${name}: contrast was looked at`);
}

// requireNoOverflow fails if the page is wider than the window, and names what is.
async function requireNoOverflow(page, name) {
	const { width } = page.viewportSize();
	const found = await page.evaluate(most => ({
		scroll: document.documentElement.scrollWidth,
		wide: [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > most).map(e => e.outerHTML.slice(0, 200)),
	}), width);
	assert.ok(found.scroll <= width, `${name}: ${found.scroll} pixels in a window of ${width}: ${found.wide.join('\n')}`);
}

module.exports = { Browser, requireAccessible, requireNoOverflow };
