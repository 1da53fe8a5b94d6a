// Package protocol compares the receiver's HTTP protocol with that of the real Pushgateway: the same bytes go to the
// built collector and to Debian's prometheus-pushgateway 1.5.1, and what they answer and what arrives must be the same,
// save for the wanted differences.
//
// `make test-e2e` runs it.
package protocol
