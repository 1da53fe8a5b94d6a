// Package soak drives the collector for a long time with all that clients do, good and bad, while its backend has trouble now
// and then, and looks whether memory, goroutines and file descriptors grow.
//
// SOAK_SECONDS is how long. `make test-soak` is the long form.
package soak
