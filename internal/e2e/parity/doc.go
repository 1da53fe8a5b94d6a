// Package parity pushes the same to a real Pushgateway that Prometheus scrapes, and to the collector in front of
// Prometheus, and compares what the databases have in the end, series by series.
//
// With groups this holds over time too: after each push, DELETE, expiry and restart the databases are alike.
//
// What differs stands in the list of rules, with the reason. A difference that is not in it fails the test, and so does
// a rule that no difference needs.
package parity
