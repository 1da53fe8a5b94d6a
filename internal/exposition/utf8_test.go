package exposition

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestValidUTF8(t *testing.T) {
	for length := range 40 {
		for place := range length + 1 {
			for _, inside := range []string{"", "\x7f", "\x80", "\xff", "ü", "\xc3", "\U0010ffff", "\xed\xa0\x80"} {
				s := strings.Repeat("a", place) + inside + strings.Repeat("b", length-place)
				assert.Equal(t, utf8.ValidString(s), validUTF8(s), "%q", s)
			}
		}
	}
}
