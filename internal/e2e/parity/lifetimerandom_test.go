package parity

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomSeed makes the same pushes in each run. Others do too.
const randomSeed = 7

// pushAtRandom pushes and deletes at random among a few groups, names and labels, so that much of it contradicts what is held.
func pushAtRandom(t *testing.T, l *lifetime) {
	t.Helper()
	random := rand.New(rand.NewPCG(randomSeed, 0))
	accepted := 0
	const all = 200
	for range all {
		p := randomPush(random)
		there := l.there.status(t, p)
		for w, b := range l.here {
			require.Equalf(t, there, b.status(t, p), "%s: %s %s\n%s", w, p.method, p.path, p.body)
		}
		if there < http.StatusMultipleChoices {
			accepted++
		}
	}
	t.Logf("%d of %d pushes at random were accepted", accepted, all)
}

// status pushes, and returns how that is answered.
func (b backend) status(t *testing.T, p push) int {
	t.Helper()
	req, err := http.NewRequest(p.method, b.gateway+"/metrics"+p.path, strings.NewReader(p.body))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	return res.StatusCode
}

// randomPrefix is that of the names, some of which are those of parts of others.
const randomPrefix = "any_"

func randomPush(random *rand.Rand) push {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	p := push{
		method: pick(http.MethodPost, http.MethodPut, http.MethodPost, http.MethodPut, http.MethodDelete),
		path:   "/job/random" + pick("", "_too") + pick("", "/a/1", "/instance/i", "/a/1/instance/i"),
	}
	if p.method == http.MethodDelete {
		return p
	}
	// Never a metric and a part of it in one body: that cannot be parsed, which is no failure to the Pushgateway.
	for _, of := range [][]string{{"x", "x", "x_count", "x_sum", "x_bucket"}, {"y", "y_count", "y_total"}} {
		if random.IntN(3) > 0 {
			p.body += randomFamily(randomPrefix+pick(of...), pick, random.IntN(100))
		}
	}
	return p
}

// randomFamily has one metric.
func randomFamily(name string, pick func(...string) string, v int) string {
	label := pick("", "", `a="1"`, `b="2"`, `instance="i"`)
	with := func(more string) string { return "{" + strings.Trim(label+","+more, ",") + "}" }
	kind := pick("gauge", "gauge", "counter", "untyped", "histogram", "summary")
	text := fmt.Sprintf("# TYPE %s %s\n", name, kind)
	switch kind {
	case "histogram":
		text += fmt.Sprintf("%s_bucket%s %d\n%s_bucket%s %d\n", name, with(`le="`+pick("0.5", "1", "10")+`"`), v, name, with(`le="+Inf"`), v)
	case "summary":
		text += fmt.Sprintf("%s%s %d\n", name, with(`quantile="`+pick("0.5", "1")+`"`), v)
	default:
		return text + fmt.Sprintf("%s%s %d\n", name, with(""), v)
	}
	return text + fmt.Sprintf("%s_sum%s 1\n%s_count%s %d\n", name, with(""), name, with(""), v)
}
