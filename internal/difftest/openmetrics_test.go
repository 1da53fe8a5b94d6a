package difftest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// openMetricsDisagreement compares our decoding of an OpenMetrics body with that of textparse; it is empty if they
// agree, or are meant to differ.
func openMetricsDisagreement(body string, names model.ValidationScheme) string {
	decode := ourDecode(body, exposition.OpenMetrics, names)
	ours := recordOpenMetrics(body, names)
	if broken := brokenProperty(body, decode, ours); broken != "" {
		return broken
	}
	if strings.Contains(body, "\x00") {
		return disagreementOfNUL(body, names, ours)
	}
	p, err := parsePage(body)
	switch {
	case err != nil && ours.err != nil:
		return ""
	case err != nil && differenceOf(openMetricsExtensions, body, err) != nil:
		return ""
	case err != nil:
		return fmt.Sprintf("only textparse refuses it: %v", err)
	case ours.err != nil && differenceOf(openMetricsDifferences, body, ours.err) != nil:
		return ""
	case ours.err != nil:
		return fmt.Sprintf("only we refuse it: %v", ours.err)
	}
	if name := p.lostMetadata(); name != "" {
		return fmt.Sprintf("metric %q has metadata apart from its samples, and we accept and forget them", name)
	}
	var f flattener
	if err := decode(&f); err != nil {
		return fmt.Sprintf("it is refused the next time: %v", err)
	}
	return differentSamples(p.samples(), f.samples)
}

// recordOpenMetrics records our own decoding.
func recordOpenMetrics(body string, names model.ValidationScheme) recording {
	return record(ourDecode(body, exposition.OpenMetrics, names), false)
}

// disagreementOfNUL compares the decoding of a body with NUL bytes with that of one with another byte instead. "NULL
// (ASCII 0x0) MUST be supported", as any other in a string, but textparse skips some of them.
func disagreementOfNUL(body string, names model.ValidationScheme, ours recording) string {
	other := unusedByte(body)
	instead := strings.ReplaceAll(body, "\x00", other)
	decode := ourDecode(body, exposition.OpenMetrics, names)
	replaced := record(func(sink exposition.Sink) error { return decode(replacer{sink, strings.NewReplacer("\x00", other)}) }, false)
	same := recordOpenMetrics(instead, names)
	if (ours.err == nil) != (same.err == nil) || replaced.text != same.text {
		return fmt.Sprintf("with NUL we have\n%s %v\nand with %q\n%s %v", replaced.text, ours.err, other, same.text, same.err)
	}
	return openMetricsDisagreement(instead, names)
}

// unusedByte returns a control byte that is not in the body.
func unusedByte(body string) string {
	for c := '\x01'; c < '\x20'; c++ {
		if c != '\n' && c != '\t' && !strings.ContainsRune(body, c) {
			return string(c)
		}
	}
	return "\x7f"
}

// A replacer is a Sink that replaces parts of all strings before it hands them on.
type replacer struct {
	exposition.Sink
	parts *strings.Replacer
}

func (r replacer) Family(f *exposition.Family) error {
	replaced := *f
	for _, s := range []*string{&replaced.Name, &replaced.Help, &replaced.Unit} {
		*s = r.parts.Replace(*s)
	}
	return r.Sink.Family(&replaced)
}

func (r replacer) Point(p *exposition.Point) error {
	replaced := *p
	replaced.Labels = r.labels(p.Labels)
	replaced.Exemplars = nil
	for _, e := range p.Exemplars {
		e.Labels = r.labels(e.Labels)
		replaced.Exemplars = append(replaced.Exemplars, e)
	}
	return r.Sink.Point(&replaced)
}

func (r replacer) labels(labels []exposition.Label) []exposition.Label {
	var replaced []exposition.Label
	for _, l := range labels {
		replaced = append(replaced, exposition.Label{Name: r.parts.Replace(l.Name), Value: r.parts.Replace(l.Value)})
	}
	return replaced
}

// eofs are the two ends that a body may have.
var eofs = []string{"# EOF\n", "# EOF"}

func TestOpenMetricsThatAllAccept(t *testing.T) {
	for _, tc := range acceptedOpenMetrics {
		t.Run(tc.name, func(t *testing.T) {
			for _, eof := range eofs {
				_, err := parsePage(strings.ReplaceAll(tc.body, "\x00", "\x01") + eof)
				assert.NoError(t, err)
				for _, names := range namings {
					assert.Empty(t, openMetricsDisagreement(tc.body+eof, names), tc.body)
				}
				assert.NoError(t, ourDecode(tc.body+eof, exposition.OpenMetrics, model.UTF8Validation)(discard{}))
			}
		})
	}
}

func TestOpenMetricsThatAllRefuse(t *testing.T) {
	for _, tc := range refusedOpenMetrics {
		t.Run(tc.name, func(t *testing.T) {
			_, err := parsePage(tc.body)
			require.Error(t, err)
			for _, names := range namings {
				assert.Empty(t, openMetricsDisagreement(tc.body, names), tc.body)
				assert.Error(t, ourDecode(tc.body, exposition.OpenMetrics, names)(discard{}))
			}
		})
	}
}

// TestOpenMetricsThatOnlyTextparseAccepts sees to it that each difference is one, and is found.
func TestOpenMetricsThatOnlyTextparseAccepts(t *testing.T) {
	requireDifferences(t, differingOpenMetrics, openMetricsDifferences, func(body string) (found string, err error) {
		_, err = parsePage(body)
		require.NoError(t, err)
		for _, names := range namings { // some are refused in one setting only
			found = openMetricsDisagreement(body, names)
			if err = ourDecode(body, exposition.OpenMetrics, names)(discard{}); err != nil || found != "" {
				break
			}
		}
		return found, err
	})
}

// TestOpenMetricsThatOnlyWeAccept sees to it that each extension is one, and is found.
func TestOpenMetricsThatOnlyWeAccept(t *testing.T) {
	requireDifferences(t, extendingOpenMetrics, openMetricsExtensions, func(body string) (string, error) {
		require.NoError(t, ourDecode(body, exposition.OpenMetrics, model.UTF8Validation)(discard{}))
		_, err := parsePage(body)
		return openMetricsDisagreement(body, model.UTF8Validation), err
	})
}

func FuzzOpenMetrics(f *testing.F) {
	var accepted []bodyCase
	for _, tc := range acceptedOpenMetrics {
		accepted = append(accepted, bodyCase{tc.name, tc.body + "# EOF\n"})
	}
	addSeeds(f, accepted, refusedOpenMetrics, differingOpenMetrics, extendingOpenMetrics, pages(f, ".om"))
	f.Fuzz(func(t *testing.T, body string) {
		for _, names := range namings {
			if found := openMetricsDisagreement(body, names); found != "" {
				t.Errorf("%s\nof the body\n%s", found, body)
			}
		}
	})
}
