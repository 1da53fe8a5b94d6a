package exposition

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allProtobufCases returns one body of all families that are right, each under a name of its own.
func allProtobufCases(t testing.TB) string {
	var body strings.Builder
	for _, tc := range protobufCases {
		for _, text := range tc.families {
			message := marshal(t, parseFamily(t, text)) + bytesField(1, fmt.Sprintf("family_%d", body.Len())) + bytesField(2)
			body.WriteString(lengthAndMessage(message))
		}
	}
	return body.String()
}

func TestADecoderKeepsNoStrings(t *testing.T) {
	body := allProtobufCases(t)
	d := protobufDecoder{families: newFamilies(classicSuffixes)}
	d.names, d.families.sink = model.UTF8Validation, &recorder{}
	require.NoError(t, d.decode(body))
	assert.NotEmpty(t, stringsIn(reflect.ValueOf(d)))
	require.Error(t, d.decode(delimited(t, badProtobufCases[len(badProtobufCases)-2].family)))
	d.reset()
	assert.Empty(t, stringsIn(reflect.ValueOf(d)))
	assert.Nil(t, d.families.sink)
}

// stringsIn returns all strings that v refers to, also behind the end of its slices.
func stringsIn(v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > 0 {
			all = append(all, v.String())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			all = stringsIn(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			all = append(all, stringsIn(v.Field(i))...)
		}
	case reflect.Slice:
		v = v.Slice(0, v.Cap())
		for i := range v.Len() {
			all = append(all, stringsIn(v.Index(i))...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			all = append(all, stringsIn(key)...)
		}
	}
	return all
}

func TestADecoderKeepsLittleRoom(t *testing.T) {
	f := func(families ...string) {
		t.Helper()
		d := protobufDecoder{families: newFamilies(classicSuffixes)}
		d.names, d.families.sink = model.UTF8Validation, nopSink{}
		require.NoError(t, d.decode(delimited(t, families...)))
		d.reset()
		h := &d.histogram
		for _, room := range []int{cap(d.labels), cap(d.summary.Quantiles), cap(h.buckets), cap(h.bucketFloats),
			cap(h.positive.Deltas), cap(h.positive.Spans), cap(h.negative.Deltas), cap(h.negative.Spans)} {
			assert.LessOrEqual(t, room, maxKept)
		}
		for _, e := range []protoExemplars{d.exemplars, h.exemplars, h.bucketExemplars} {
			assert.LessOrEqual(t, cap(e.all), maxKept)
			assert.LessOrEqual(t, cap(e.times), maxKept)
			room := 0
			for _, x := range e.all[:cap(e.all)] {
				room += cap(x.Labels)
			}
			assert.LessOrEqual(t, room, maxKept)
		}
	}
	many := func(text string) string { return strings.Repeat(text, 5*maxKept) }
	f(`name:"a" type:SUMMARY metric:{summary:{`+many(`quantile:{} `)+`}}`,
		`name:"b" type:HISTOGRAM metric:{histogram:{`+many(`bucket:{cumulative_count_float:1 exemplar:{}} `)+`}}`,
		`name:"c" type:HISTOGRAM metric:{histogram:{schema:0 `+many(`positive_span:{} negative_span:{} `)+`}}`,
		`name:"d" type:HISTOGRAM metric:{histogram:{`+many(`exemplars:{} positive_delta:1 negative_delta:1 `)+`}}`)
	exemplar := `{` + strings.Repeat(`label:{name:"l"} `, 256) + `} `
	f(`name:"a" type:HISTOGRAM metric:{histogram:{schema:0 positive_span:{} ` + strings.Repeat(`exemplars:`+exemplar, 5) + `}}`)
	f(`name:"a" type:HISTOGRAM metric:{histogram:{` + strings.Repeat(`bucket:{exemplar:`+exemplar+`} `, 5) + `}}`)
}

// TestBodyIsOnlyRead is for the race detector: a body may be decoded by many at the same time.
func TestBodyIsOnlyRead(t *testing.T) {
	body := allProtobufCases(t)
	want, err := decode(body, Protobuf)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 20 {
				if got, err := decode(body, Protobuf); err != nil || got != want {
					t.Error(err, got)
				}
			}
		})
	}
	wait.Wait()
}

func TestNoAllocationsPerMetric(t *testing.T) {
	d := protobufDecoder{families: newFamilies(classicSuffixes)}
	body := allProtobufCases(t)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		d.names, d.families.sink = model.UTF8Validation, nopSink{}
		if err := d.decode(body); err != nil {
			t.Error(err)
		}
		d.reset()
	}))
}
