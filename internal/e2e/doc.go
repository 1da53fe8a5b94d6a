// Package e2e tests the built collector from outside: real clients push, and a real Prometheus says what arrived.
//
// `make test-e2e` runs it. Package testbed starts the programs.
package e2e
