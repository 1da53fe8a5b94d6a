// Looks at the status page with a browser: main.js <scenario> <URL of the page> <URL to push to> [<argument>]. It ends with an
// error if anything is not as it must be.
'use strict';

const scenarios = { ...require('./scenarios'), ...require('./held') };
const { Browser } = require('./browser');

const patience = 120_000;

async function main([name, page, push, argument]) {
	setTimeout(() => {
		console.error(`${name} did not end within ${patience} ms`);
		process.exit(1);
	}, patience).unref();
	const browser = await Browser.launch(page);
	try {
		await scenarios[name](browser, push, argument);
		browser.requireNoProblems();
	} finally {
		await browser.close();
	}
}

main(process.argv.slice(2)).catch(err => {
	console.error(err);
	process.exitCode = 1;
});
