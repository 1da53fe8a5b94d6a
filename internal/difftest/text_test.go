package difftest

import (
	"regexp"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// namings are the settings of name_validation.
var namings = []model.ValidationScheme{model.UTF8Validation, model.LegacyValidation}

// textDisagreement compares our decoding of a text body with that of expfmt; it is empty if they agree, or are meant to
// differ.
func textDisagreement(body string, names model.ValidationScheme) string {
	decode := ourDecode(body, exposition.Text, names)
	ours := record(decode, true)
	if broken := brokenProperty(body, decode, record(decode, false)); broken != "" {
		return broken
	}
	oracle := recordExpfmt(body, names)
	found := disagreement(body, oracle, ours, textDifferences)
	rewritten := nameBeforeBraces(body)
	if rewritten == body || (oracle.err != nil && !oracle.panicked) {
		return found
	}
	// Of a sample with its name in braces, expfmt takes the labels for those of a histogram or summary if the sample of
	// the line before was of one, and may panic if it was not. It gets the same sample right with its name before them.
	if found != "" || oracle.panicked {
		return disagreement(body, recordExpfmt(rewritten, names), ours, textDifferences)
	}
	return ""
}

func recordExpfmt(body string, names model.ValidationScheme) recording {
	return record(func(sink exposition.Sink) error { return DecodeText(body, names, sink) }, true)
}

// nameInBraces finds a metric name that comes first in the braces of a sample.
var nameInBraces = regexp.MustCompile(`(?m)^([ \t]*)\{[ \t]*("(?:[^"\\\n]|\\.)*"|[a-zA-Z_][a-zA-Z0-9_]*)[ \t]*(?:,|(\}))`)

// nameBeforeBraces returns a body that says the same with all metric names in front of their braces.
func nameBeforeBraces(body string) string { return nameInBraces.ReplaceAllString(body, "$1$2{$3") }

func TestTextThatAllAccept(t *testing.T) {
	for _, tc := range acceptedText {
		t.Run(tc.name, func(t *testing.T) {
			if oracle := recordExpfmt(tc.body, model.UTF8Validation); !oracle.panicked {
				assert.NoError(t, oracle.err)
			}
			for _, names := range namings {
				assert.Empty(t, textDisagreement(tc.body, names), tc.body)
			}
			assert.NoError(t, ourDecode(tc.body, exposition.Text, model.UTF8Validation)(discard{}))
		})
	}
}

func TestTextThatAllRefuse(t *testing.T) {
	for _, tc := range refusedText {
		t.Run(tc.name, func(t *testing.T) {
			require.Error(t, recordExpfmt(tc.body, model.UTF8Validation).err)
			for _, names := range namings {
				assert.Empty(t, textDisagreement(tc.body, names), tc.body)
			}
		})
	}
}

// TestTextThatOnlyExpfmtAccepts sees to it that each difference is one, and is found.
func TestTextThatOnlyExpfmtAccepts(t *testing.T) {
	requireDifferences(t, differingText, textDifferences, func(body string) (string, error) {
		return textDisagreement(body, model.UTF8Validation), ourDecode(body, exposition.Text, model.UTF8Validation)(discard{})
	})
}

func FuzzText(f *testing.F) {
	addSeeds(f, acceptedText, refusedText, differingText, pages(f, ".txt"))
	f.Fuzz(func(t *testing.T, body string) {
		for _, names := range namings {
			if found := textDisagreement(body, names); found != "" {
				t.Errorf("%s\nof the body\n%s", found, body)
			}
		}
	})
}
