// Package chaos kills the collector and its backend again and again while jobs push, and then looks for every push that was
// answered 200. In groups mode it looks after each kill whether what is held is what the jobs were answered.
//
// CHAOS_KILLS is how often the collector is killed in each test, CHAOS_SEED makes the tests draw the same random numbers
// again; what happens in between is still up to the machine. `make test-chaos` is the long form, and
//
//	make test-chaos CHAOS_KILLS=50 CHAOS_TESTS=TestGroupsSurviveKills
//
// kills a collector in groups mode fifty times.
package chaos
