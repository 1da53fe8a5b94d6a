// Package attack lets many attackers at the built collector at once, with its default limits, while an honest client pushes.
// Whatever they send, the collector's memory stays within its bound, and the client is served.
package attack
