// Package clients has no code but tests: it pushes with real client libraries, to the built collector and to the
// Pushgateway, compares what arrives, and writes what it found to docs/clients.md.
//
// The folders are the programs that push, one for each library. Each takes an operation (push, add, delete), the address,
// the job and the grouping labels as arguments, and the rest from variables that begin with PUSH_. It prints "ok", or
// "error:" and what the library says.
//
// `make test-clients` installs and builds what is needed, and runs the tests.
package clients
