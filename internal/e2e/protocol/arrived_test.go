package protocol

import (
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// arrived is what a request leads to behind the server.
type arrived struct {
	Series testbed.Series
	Types  testbed.Types
	Times  testbed.Series // push_time_seconds and push_failure_time_seconds that are not 0, without their values
}

func newArrived() arrived {
	return arrived{Series: testbed.Series{}, Types: testbed.Types{}, Times: testbed.Series{}}
}

func (a arrived) add(series, value string) {
	switch {
	case value == "-0":
		value = "0" // the Pushgateway shows it so
	case isPushTime(series):
		if value != "0" {
			a.Times[series] = ""
		}
		return
	}
	if _, ok := a.Series[series]; ok {
		series += " twice"
	}
	a.Series[series] = value
}

func (a arrived) addType(name, metricType string) {
	if metricType == "unknown" {
		metricType = "untyped" // as the text format calls it
	}
	if !isPushTime(name) {
		a.Types[name] = metricType
	}
}

// without leaves out what was there before.
func (a arrived) without(before arrived) arrived {
	for name, value := range before.Series {
		if a.Series[name] == value {
			delete(a.Series, name)
		}
	}
	for name := range before.Times {
		delete(a.Times, name)
	}
	return a
}

// isPushTime says whether a metric or a series is one of those that servers add.
func isPushTime(name string) bool {
	return strings.HasPrefix(name, "push_time_seconds") || strings.HasPrefix(name, "push_failure_time_seconds")
}
