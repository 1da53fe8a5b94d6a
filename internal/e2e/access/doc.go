// Package access has no code but tests: real clients push to the built collector with every kind of credential, and without, over
// TLS. Who is refused must be told so, and nothing of the push may reach the pipeline.
//
// `make test-clients` installs the clients and runs the tests.
package access
