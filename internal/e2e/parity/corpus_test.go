package parity

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// A push of the corpus.
type push struct {
	method      string // PUT, unless it is set
	path        string // behind /metrics
	contentType string // text, unless it is set
	body        string
	refused     refused
	because     string // if one refuses what the other takes
}

// refused says who refuses a push.
type refused int

const (
	byNone refused = iota
	byPushgateway
	byCollector
	byBoth
)

const (
	textType        = "text/plain; version=0.0.4"
	openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

func corpus(t *testing.T) []push {
	t.Helper()
	all := slices.Concat(typePushes(t), labelPushes(), groupPushes(), refusedPushes(), pagePushes(t), lastPushes())
	for i := range all {
		if all[i].method == "" {
			all[i].method = http.MethodPut
		}
		if all[i].contentType == "" {
			all[i].contentType = textType
		}
		oneRefuses := all[i].refused == byPushgateway || all[i].refused == byCollector
		require.Equal(t, oneRefuses, all[i].because != "", all[i].path)
	}
	return all
}

// job returns the job of the path.
func (p push) job(t *testing.T) string {
	t.Helper()
	segments := strings.Split(p.path, "/")
	job, err := url.PathUnescape(segments[2])
	require.NoError(t, err)
	if segments[1] == "job@base64" {
		decoded, err := base64.RawURLEncoding.DecodeString(job)
		require.NoError(t, err)
		job = string(decoded)
	}
	return job
}

// lastPushes show that a scrape has got everything.
func lastPushes() []push { return []push{{path: "/job/last"}, {path: "/job/native_last"}} }

// protobufOf writes a text page as protobuf.
func protobufOf(t *testing.T, text string) string {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	var b bytes.Buffer
	encoder := expfmt.NewEncoder(&b, expfmt.NewFormat(expfmt.TypeProtoDelim))
	for _, family := range families {
		require.NoError(t, encoder.Encode(family))
	}
	return b.String()
}
