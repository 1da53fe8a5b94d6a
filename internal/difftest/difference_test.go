package difftest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A difference is a wanted one: our decoder refuses what the oracle accepts.
type difference struct {
	name   string // what is refused
	reason string
	// matches says whether this is why our decoder refuses that body with that error.
	matches func(body string, err error) bool
}

// says makes a condition of what an error says.
func says(text string) func(string, error) bool {
	return func(_ string, err error) bool { return strings.Contains(reasonOf(err), text) }
}

// reasonOf returns what an error says, without the line, which may say anything, and not cut as in its message.
func reasonOf(err error) string {
	var syntaxError *exposition.SyntaxError
	if errors.As(err, &syntaxError) {
		return syntaxError.Err.Error()
	}
	return err.Error()
}

// saysOf makes a condition of what an error says, and of the body.
func saysOf(text string, condition func(body string) bool) func(string, error) bool {
	return func(body string, err error) bool { return says(text)(body, err) && condition(body) }
}

// differenceOf returns the difference that explains the error, or nil.
func differenceOf(all []difference, body string, err error) *difference {
	for i := range all {
		if all[i].matches(body, err) {
			return &all[i]
		}
	}
	return nil
}

// requireDifferences requires that only the oracle accepts the bodies, that there is a difference that says why, and
// that there are no differences beside these.
func requireDifferences(
	t *testing.T, cases []bodyCase, all []difference, compare func(body string) (found string, err error),
) {
	t.Helper()
	missing := map[string]bool{}
	for _, d := range all {
		missing[d.name] = true
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			found, err := compare(tc.body)
			assert.Empty(t, found, tc.body)
			require.Error(t, err)
			d := differenceOf(all, tc.body, err)
			require.NotNil(t, d, err)
			delete(missing, d.name)
		})
	}
	assert.Empty(t, missing, "differences without a case")
}
