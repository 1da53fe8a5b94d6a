// Package jobs runs the jobs of examples/jobs, which push to whatever PUSHGATEWAY_URL says: first to a real Pushgateway
// that Prometheus scrapes, then to the collector.
//
// `make test-clients` runs it, because one of the jobs needs Python's client.
package jobs
