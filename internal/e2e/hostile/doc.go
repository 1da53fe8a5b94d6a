// Package hostile sends the built collector what no honest client sends: requests whose end is in doubt, floods of headers, bodies
// that are made to take time or memory, and clients that are slow on purpose. Each must be answered with a refusal that says why,
// or be taken as what it is; it has a second or two for that, and the process as much memory as the limits allow.
//
// `make test-e2e` runs it.
package hostile
