// Package testbed starts what the end-to-end tests need and asks it what arrived: the built collector, Prometheus, the
// Pushgateway.
//
// The environment variables COLLECTOR and PROMETHEUS are the paths of the two programs; `make test-e2e` sets them.
package testbed
