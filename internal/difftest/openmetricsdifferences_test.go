package difftest

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/textparse"
)

// openMetricsDifferences are the reasons for which we refuse an OpenMetrics body that textparse accepts, which looks at
// each line alone. What is cited is the specification, version 1.0.0:
// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
var openMetricsDifferences = []difference{
	// How lines fit together.
	{
		"a family in two places, or metadata apart from its samples",
		"\"MetricFamilies MUST NOT be interleaved\", \"Each MetricFamily name MUST be unique\".",
		onPage("stands in two places", (*page).hasTwoPlaces),
	},
	{
		"a family that has the name of another's series",
		"\"The name of a MetricFamily MUST NOT result in a potential clash for sample metric names\".",
		onPage(" has a series of that name too", (*page).hasClash),
	},
	{
		"metadata twice",
		"\"There MUST NOT be more than one of each type of metadata line for a MetricFamily.\"",
		inLine("a second ", func(e *entry) bool {
			return e.kind != textparse.EntrySeries && e.hasEarlier(func(*entry) bool { return true })
		}),
	},
	{
		"a sample whose name is not one of its family's type",
		"\"The Sample MetricName ... MUST have the suffix\" of each type but gauge, stateset, summary and unknown.",
		inLine("cannot be named", (*entry).isBareName),
	},
	{
		"a gauge histogram",
		"OTLP has no such type, and its specification has them dropped.",
		inLine("its type (gaugehistogram) cannot be translated to OTLP", ofType("gaugehistogram")),
	},
	{
		"a stateset without its label",
		"\"Each State's sample MUST have a label with the MetricFamily name as the label name\".",
		inLine("a sample of a stateset must have a label", func(e *entry) bool {
			return ofType("stateset")(e) && !e.has(e.family.name)
		}),
	},

	// Points.
	{
		"a _created without its _total beside it",
		"A counter \"MUST have one value called Total\", and \"MetricPoints MUST NOT be interleaved\".",
		inLine("has a _created, but no _total beside it", (*entry).isLonelyCreated),
	},
	{
		"a second _created, _sum or _count of a point",
		"One of the two is wrong, and \"MetricPoints MUST NOT be interleaved\".",
		inLine("has a second _", func(e *entry) bool {
			return e.hasEarlier(func(other *entry) bool { return other.name == e.name && other.point() == e.point() })
		}),
	},
	{
		"samples of one point, or several points of a histogram or summary, with different timestamps",
		"The former is not valid. The latter is, if they are sorted, but a push has one point of each series.",
		inLine("have different timestamps", func(e *entry) bool {
			return len(sampleSuffixes[e.family.typeName()]) > 1 && e.hasEarlier(func(other *entry) bool {
				return other.point() == e.point() && !sameTime(other, e)
			})
		}),
	},
	{
		"a bucket without le, or a quantile without quantile",
		"\"Every bucket MUST have a threshold\"; \"Quantile Values MUST specify the quantile\".",
		inLine("must have a label ", func(e *entry) bool { return e.isBound() && !e.has(e.family.ownLabel()) }),
	},
	{
		"another sample of a histogram or summary with le or quantile",
		"\"A Histogram's Metric's LabelSet MUST NOT have a \"le\" label name\", nor a summary's \"quantile\".",
		inLine("only the buckets or quantiles of a ", func(e *entry) bool { return !e.isBound() && e.has(e.family.ownLabel()) }),
	},
	{
		"an le or quantile that is no number",
		"\"Bucket thresholds MUST NOT equal NaN\"; \"Quantiles MUST be between 0 and 1 inclusive\".",
		inLine("expected a number as value of label ", func(e *entry) bool { return e.isBound() && !e.hasNumber() }),
	},
	{
		"a count that is not whole",
		"\"Count and bucket values MUST be integers.\" OTLP has 64 bits for them.",
		inLine("it must be a whole number from 0 to 2^64", (*entry).isFractionalCount),
	},
	{
		"an exemplar where none may be",
		"\"Exemplars MAY be attached to the MetricPoint's Total sample\"; \"Bucket values MAY have exemplars.\"",
		inLine("only the _total of a counter and the buckets of a histogram can have one", func(e *entry) bool {
			return e.exemplar != nil && !e.mayHaveExemplar()
		}),
	},
	{
		"a time that OTLP cannot express",
		"OTLP counts nanoseconds from 1970 on in 64 bits. \"Negative timestamps MAY be used.\"",
		inLine("is outside the years 1970 to 2262", (*entry).hasOddTime),
	},
	{
		"a timestamp of 0",
		"OTLP takes it for none.",
		inLine("the timestamp is 0", (*entry).hasTimeZero),
	},

	// Names and labels.
	{
		"a label twice",
		"\"Label names MUST be unique within a LabelSet.\"",
		inLine("it has label \"", (*entry).hasLabelTwice),
	},
	{
		"a label __name__",
		"\"Label names beginning with underscores are RESERVED\"; this one is the metric name in Prometheus.",
		inLine("label name \"__name__\" is reserved", func(e *entry) bool { return e.has(model.MetricNameLabel) }),
	},
	{
		"a metric name that is not first in its braces",
		"Names in quotes are no part of OpenMetrics 1.0, but of Prometheus' UTF-8 support, whose name comes first.",
		inLine("the metric name must come first in the braces", func(e *entry) bool { return !nameFirst(e.raw) }),
	},
	{
		"an empty name",
		"metricname = metricname-initial-char 0*metricname-char, and so for labels.",
		func(body string, err error) bool {
			empty := func(e *entry) bool { return e.anyName(func(name string) bool { return name == "" }) }
			return inLine("expected a metric name, got", empty)(body, err) || inLine("expected a label name, got", empty)(body, err)
		},
	},
	{
		"a metric or label name that is not valid",
		"In the legacy setting of name_validation it must be one of the grammar, which has no quoted names.",
		invalidName,
	},
	{
		"a quoted name that is not UTF-8",
		"\"UTF-8 MUST be used.\" textparse looks at label values only.",
		inLine("a quoted string is not UTF-8", func(e *entry) bool {
			return e.anyName(func(name string) bool { return !utf8.ValidString(name) })
		}),
	},
	{
		"a line feed in a quoted name",
		"Line feeds are escaped in all strings. textparse sees to that in label values only.",
		inLine("a quoted string has no quote at its end", func(e *entry) bool { return strings.Contains(e.raw, "\n") }),
	},
	{
		"a unit with an escape",
		"A unit consists of metricname-char. We compare it with the name, textparse with how that is written.",
		inLine("does not end in _", func(e *entry) bool { return strings.Contains(e.raw, `\`) }),
	},
}

// openMetricsExtensions are the reasons for which we accept an OpenMetrics body that textparse refuses.
var openMetricsExtensions = []difference{
	{
		"a unit that is the end of an escaped name",
		"We compare the unit with the name, textparse with how that is written.",
		saysOf("not a suffix of metric", unitOfEscapedName),
	},
}

var unitOfEscapedName = has(`(?m)^# UNIT "[^\n]*\\`)

var beginsWithName = regexp.MustCompile(`^\{"(\\.|[^"\\])*"[,}]`)

// nameFirst says whether the metric name comes first in a sample.
func nameFirst(raw string) bool { return raw[0] != '{' || beginsWithName.MatchString(raw) }
