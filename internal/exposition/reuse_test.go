package exposition

import (
	"reflect"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A string that stayed in a decoder would keep its body alive for as long as the decoder is in the pool.
func TestDecodersOfTextKeepNoStrings(t *testing.T) {
	o := Options{NameValidation: model.UTF8Validation}
	text := textDecoders.New().(*textDecoder)
	for _, tc := range textCases {
		text.begin(tc.body[:strings.LastIndexByte(tc.body, '\n')+1], o, &recorder{})
		require.NoError(t, text.decode())
		text.end()
		assert.Empty(t, stringsIn(reflect.ValueOf(*text)), tc.name)
	}
	openMetrics := openMetricsDecoders.New().(*openMetricsDecoder)
	for _, tc := range openMetricsCases {
		openMetrics.begin(tc.body, o, &recorder{})
		require.NoError(t, openMetrics.decode(wordEOF))
		openMetrics.end()
		assert.Empty(t, stringsIn(reflect.ValueOf(*openMetrics)), tc.name)
	}
}

// Names in whatever order are found.
func TestNameIndex(t *testing.T) {
	for _, names := range [][]string{{}, {"a"}, {"a", "b", "c"}, {"c", "a", "b"}, {"a", "c", "b", "d"}} {
		var x nameIndex
		for range 2 {
			for i, name := range names {
				_, ok := x.find(name)
				assert.False(t, ok, name)
				x.add(&family{Family: Family{Name: name}})
				for _, known := range names[:i+1] {
					f, ok := x.find(known)
					require.True(t, ok, known)
					assert.Equal(t, known, f.Name)
					f, ok = x.findBytes([]byte(known))
					require.True(t, ok, known)
					assert.Equal(t, known, f.Name)
				}
			}
			_, ok := x.find("bb")
			assert.False(t, ok)
			_, ok = x.findBytes([]byte("bb"))
			assert.False(t, ok)
			x.forget()
		}
	}
}
