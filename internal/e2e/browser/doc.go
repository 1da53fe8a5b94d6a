// Package browser has no code but tests: it looks at the status page of the built collector with Chromium.
//
// The folder node is the program that drives the browser, with Playwright. It takes the name of a scenario and the addresses of the
// page and of the receiver, and fails if anything is not as it must be. Whatever the scenario is, there must be no error in the
// console, no dialog, and no request to anywhere else. axe looks whether the page can be used by everybody.
//
// `make test-browser` installs what is needed, and runs the tests; `make screenshot` makes the picture of the README.
package browser
