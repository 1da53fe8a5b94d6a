// Fetches the page again every few seconds, and replaces the parts that are marked with data-live. What is typed, focused or
// selected stays.
'use strict';
(() => {
	const every = 5000, atMost = 60000, patience = 4000, typing = 300;
	const pause = document.getElementById('pause');
	if (!pause) {
		return;
	}
	const trouble = document.getElementById('trouble');
	let timer, delay = every, paused = false, current;

	const schedule = () => {
		clearTimeout(timer);
		if (!paused && !document.hidden) {
			timer = setTimeout(refresh, delay);
		}
	};

	async function refresh() {
		clearTimeout(timer);
		current?.abort();
		const request = current = new AbortController();
		const limit = setTimeout(() => request.abort(), patience);
		let problem = '';
		try {
			const answer = await fetch(location.href, { cache: 'no-store', redirect: 'manual', signal: request.signal });
			const text = await answer.text();
			if (answer.status === 404) {
				problem = 'This is no longer known.';
			} else if (!answer.ok) {
				problem = answer.status ? `The server answers ${answer.status}.` : 'The server sends elsewhere: reload the page.';
			} else if (request === current && !show(new DOMParser().parseFromString(text, 'text/html'))) {
				problem = 'The page has changed: reload it.';
			}
		} catch {
			problem = 'The server does not answer.';
		} finally {
			clearTimeout(limit);
		}
		if (request !== current) {
			return; // a newer one is under way
		}
		if (trouble.textContent !== problem) {
			trouble.textContent = problem;
		}
		// A server that is away is asked less and less often.
		delay = problem ? Math.min(delay * 2, atMost) : every;
		schedule();
	}

	function show(fresh) {
		const parts = [...document.querySelectorAll('[data-live]')].map(old => [old, fresh.getElementById(old.id)]);
		if (parts.some(([, next]) => !next)) {
			return false;
		}
		const selection = getSelection();
		for (const [old, next] of parts) {
			if (!selection.isCollapsed && selection.containsNode(old, true)) {
				continue; // somebody copies from it
			}
			const href = old.contains(document.activeElement) && document.activeElement.getAttribute('href');
			old.replaceWith(next);
			if (href) {
				[...next.querySelectorAll('a')].find(a => a.getAttribute('href') === href)?.focus({ preventScroll: true });
			}
		}
		return true;
	}

	document.getElementById('reload').hidden = true;
	pause.hidden = false;
	pause.addEventListener('click', () => {
		paused = !paused;
		pause.setAttribute('aria-pressed', paused);
		delay = every;
		paused ? clearTimeout(timer) : refresh();
	});
	document.addEventListener('visibilitychange', () => document.hidden || paused ? clearTimeout(timer) : refresh());

	const form = document.querySelector('form[data-filters]');
	let typed;
	form?.addEventListener('input', () => {
		clearTimeout(typed);
		typed = setTimeout(() => {
			// The path stays: the links of the page are relative to it.
			history.replaceState(null, '', '?' + new URLSearchParams(new FormData(form)));
			refresh();
		}, typing);
	});
	schedule();
})();
