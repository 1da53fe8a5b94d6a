package parity

import (
	"slices"
	"strings"
	"testing"
)

// rules are all differences. They are applied in this order.
func rules(t *testing.T, pushes []push) []rule {
	t.Helper()
	return slices.Concat(refusalRules(t, pushes), pushgatewayRules(), otlpRules(), backendRules())
}

// refusalRules are about pushes that are refused, with the reasons that the pushes say.
func refusalRules(t *testing.T, pushes []push) []rule {
	refusedThere, refusedHere := jobsRefused(t, pushes, byPushgateway), jobsRefused(t, pushes, byCollector)
	return []rule{
		{
			id: "refused there alone", ways: both,
			why:      "see the pushes",
			concerns: func(s series) bool { return refusedThere[s.job()] && s.metric() == pushFailureTime },
			onlyHere: func(s series) bool { return refusedThere[s.job()] && s.metric() != pushFailureTime },
		},
		{
			id: "refused here alone", ways: both,
			why:      "see the pushes",
			concerns: func(s series) bool { return refusedHere[s.job()] },
			onlyHere: func(s series) bool { return refusedHere[s.job()] && s.metric() == pushFailureTime },
		},
		{
			id: "failure to parse", ways: both,
			why:      "the Pushgateway keeps the time of a push that is inconsistent, but not of one that it cannot parse",
			onlyHere: func(s series) bool { return strings.HasPrefix(s.job(), unparsable) && s.metric() == pushFailureTime },
		},
		{
			id: "never", ways: both,
			why:      "a push says the time of its success or failure only: a 0 for the other would overwrite what an earlier one said",
			concerns: func(s series) bool { return s.isTimeOfPush() && s.value == "0" },
		},
	}
}

func jobsRefused(t *testing.T, pushes []push, by refused) map[string]bool {
	t.Helper()
	jobs := map[string]bool{}
	for _, p := range pushes {
		if p.refused == by {
			jobs[p.job(t)] = true
		}
	}
	return jobs
}

// pushgatewayRules are about what the Pushgateway and its scrape do.
func pushgatewayRules() []rule {
	return []rule{
		{
			id: "its own metrics", ways: both,
			why:      "the scrape brings up, scrape_ series and the Pushgateway's own metrics; pushed series keep their job",
			concerns: func(s series) bool { return strings.HasPrefix(s.job(), scrapeJob) },
		},
		{
			id: "nothing is deleted", ways: both,
			why: "what the next push or a DELETE takes out of the Pushgateway ends in Prometheus; here it stays the latest " +
				"sample, which queries find for five minutes",
			onlyHere: func(s series) bool { return s.labels["until"] != "" },
		},
		{
			id: "time of the push", ways: both,
			why: "each of the two databases has its own push",
			equates: func(there, here series) series {
				if there.isTimeOfPush() && seconds(there, here) < 2 {
					there.value = here.value
				}
				return there
			},
		},
		{
			id: "repaired sum", ways: both,
			why:      "the Pushgateway adds a sum of 0 to a histogram that was pushed without one",
			concerns: func(s series) bool { return s.metric() == "no_sum_seconds_sum" && s.labels["format"] == "text" },
		},
		{
			id: "counters of OpenMetrics", ways: both,
			why: "it is read as text there, so that jobs_total is no counter if there is a TYPE of jobs only",
			equates: func(there, here series) series {
				if there.job() == openMetricsJob && there.metricType == unknown && here.metricType == "counter" {
					there.metricType = here.metricType
				}
				return there
			},
		},
		{
			id: "_created of OpenMetrics", ways: both,
			why:      "it is read as text there, and becomes a series; here it is the start time of a counter or histogram",
			concerns: func(s series) bool { return s.job() == openMetricsJob && strings.HasSuffix(s.metric(), "_created") },
		},
		{
			id: "classic buckets", ways: both,
			why: "a scrape takes native histograms only if it is configured so, and takes the classic ones of the same " +
				"metrics if not; here the native ones win",
			concerns: func(s series) bool { return s.job() == classicJob && s.metric() != pushTime },
			onlyHere: func(s series) bool { return s.job() == classicJob && s.isNative() },
		},
	}
}
