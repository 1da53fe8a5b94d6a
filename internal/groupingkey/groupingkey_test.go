package groupingkey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// keyCases serve TestParse, and as seeds of FuzzParse.
var keyCases = []struct {
	name string
	path string
	want string // Key.String(), or the error if it does not begin with a brace
}{
	{"job alone", "job/x", `{job="x"}`},
	{"labels are sorted", "job/x/b/2/a/1", `{job="x",a="1",b="2"}`},
	{"a slash at the end of the job is passed over", "job/x/", `{job="x"}`},
	{"a slash behind a name is the empty value", "job/x/l/", `{job="x",l=""}`},
	{"a slash at the end of a pair is passed over", "job/x/l/v/", `{job="x",l="v"}`},
	{"an empty segment where a name stands is passed over", "job/x//l/v", `{job="x",l="v"}`},
	{"an empty segment where a value stands is the empty value", "job/x/l//m/v", `{job="x",l="",m="v"}`},
	{"dots are data", "job/x/l/../m/.", `{job="x",l="..",m="."}`},
	{"a plus sign is a plus sign", "job/a+b", `{job="a+b"}`},
	{"percent-encoding is decoded after the split", "job/a%2Fb/path/%2Fvar%2Ftmp", `{job="a/b",path="/var/tmp"}`},
	{"a blank, a line feed and NUL are data", "job/a%20b/l/%0A/m/%00", `{job="a b",l="\n",m="\x00"}`},
	{"UTF-8 values", "job/%C3%BC/l/日本", `{job="ü",l="日本"}`},
	{"the last of several labels of one name wins", "job/x/l/1/m/2/l/3", `{job="x",l="3",m="2"}`},
	{"the job wins over a label job", "job/x/job/y", `{job="x"}`},

	{"base64 job", "job@base64/L3Zhci90bXA", `{job="/var/tmp"}`},
	{"base64 value with padding", "job/x/path@base64/L3Zhci90bXA=", `{job="x",path="/var/tmp"}`},
	{"base64 value without padding", "job/x/path@base64/L3Zhci90bXA", `{job="x",path="/var/tmp"}`},
	{"base64 uses the URL-safe alphabet", "job/x/l@base64/_-7_", "cannot read grouping key: value of label \"l\" is not UTF-8: \"\\xff\\xee\\xff\""},
	{"percent-encoded base64 suffix", "job%40base64/eA==/l%40base64/eQ==", `{job="x",l="y"}`},
	{"an equals sign is the empty base64 value", "job/x/l@base64/=/m/1", `{job="x",l="",m="1"}`},
	{"nothing at the end is the empty base64 value", "job/x/l@base64/", `{job="x",l=""}`},
	{"loose bits of base64 are tolerated", "job/x/l@base64/YR", `{job="x",l="a"}`},

	{"an escaped UTF-8 name", "job/x/U__foo_2e_bar/v", `{job="x",foo.bar="v"}`},
	{"an escaped UTF-8 name with base64", "job/x/U__foo_2e_bar@base64/dg", `{job="x",foo.bar="v"}`},
	{"any UTF-8 name", "job/x/foo.bar/v", `{job="x",foo.bar="v"}`},
	{"an invalid escape is left as it is", "job/x/U__a_zz_b/v", `{job="x",U__a_zz_b="v"}`},

	{"no job", "job", `cannot read grouping key: job name is required`},
	{"empty job", "job/", `cannot read grouping key: job name is required`},
	{"empty job with labels", "job//l/v", `cannot read grouping key: job name is required`},
	{"empty base64 job", "job@base64/=", `cannot read grouping key: job name is required`},
	{"a name without value", "job/x/l", `cannot read grouping key: label "l" has no value: the path must be job/<job>{/<label>/<value>}, and an empty value is written "l@base64/="`},
	{"a reserved name", "job/x/__l/v", `cannot read grouping key: improper label name "__l": names with __ in front are reserved`},
	{"a reserved name that is escaped", "job/x/U______x/v", `cannot read grouping key: improper label name "__x": names with __ in front are reserved`},
	{"an escaped name of nothing", "job/x/U__/v", `cannot read grouping key: improper label name "" (name_validation is utf8)`},
	{"a base64 suffix without name", "job/x/@base64/YQ", `cannot read grouping key: improper label name "" (name_validation is utf8)`},
	{"bad base64 in a value", "job/x/l@base64/a.b", `cannot read grouping key: invalid base64 encoding for label l="a.b": illegal base64 data at input byte 1`},
	{"bad base64 in the job", "job@base64/%25", `cannot read grouping key: invalid base64 encoding for label job="%": illegal base64 data at input byte 0`},
	{"the standard base64 alphabet is none of ours", "job/x/l@base64/+/m/v", `cannot read grouping key: invalid base64 encoding for label l="+": illegal base64 data at input byte 0`},
	{"a job that is not UTF-8", "job/%FF", `cannot read grouping key: value of label "job": segment "\xff" is not UTF-8`},
	{"a name that is not UTF-8", "job/x/%FF/v", `cannot read grouping key: segment "\xff" is not UTF-8`},
	{"broken percent-encoding", "job/%zz", `cannot read grouping key: value of label "job": segment "%zz": invalid URL escape "%zz"`},
}

func TestParse(t *testing.T) {
	for _, tc := range keyCases {
		t.Run(tc.name, func(t *testing.T) {
			key, err := groupingkey.Parse(tc.path, groupingkey.Options{NameValidation: model.UTF8Validation})
			if err != nil {
				var e *groupingkey.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, groupingkey.Key{}, key)
				assert.Equal(t, tc.want, err.Error())
				return
			}
			assert.Equal(t, tc.want, key.String())
		})
	}
}

func TestParseLegacyNames(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		key, err := groupingkey.Parse(path, groupingkey.Options{NameValidation: model.LegacyValidation})
		if err != nil {
			assert.Equal(t, want, err.Error())
			return
		}
		assert.Equal(t, want, key.String())
	}
	f("job/x/a_b/v", `{job="x",a_b="v"}`)
	f("job/x/U__x_2e_y/v", `{job="x",U__x_2e_y="v"}`) // an ordinary name, as in the Pushgateway without its flag
	f("job/x/a-b/v", `cannot read grouping key: improper label name "a-b" (name_validation is legacy)`)
	f("job/x/1a/v", `cannot read grouping key: improper label name "1a" (name_validation is legacy)`)
	f("job/x/@base64/v", `cannot read grouping key: improper label name "" (name_validation is legacy)`)
}

func TestLabel(t *testing.T) {
	key, err := groupingkey.Parse("job/x/b//a/1", groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(t, err)
	for name, want := range map[string]string{"job": "x", "a": "1", "b": ""} {
		got, ok := key.Label(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	_, ok := key.Label("instance")
	assert.False(t, ok)
}

// An HTTP head may be 1 MiB. What it can hold must neither take long nor come back whole in the message.
func TestParseLongPaths(t *testing.T) {
	var path strings.Builder
	path.WriteString("job/x")
	for i := range 100_000 {
		path.WriteString("/l")
		path.WriteString(strings.Repeat("a", i%3))
		path.WriteString("/v")
	}
	begin := time.Now()
	key, err := groupingkey.Parse(path.String(), groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(t, err)
	assert.Len(t, key.Labels, 3)
	assert.Less(t, time.Since(begin), 5*time.Second)

	path.Reset()
	path.WriteString("job/x")
	for i := range 100_000 {
		fmt.Fprintf(&path, "/l%d/v", i)
	}
	_, err = groupingkey.Parse(path.String(), groupingkey.Options{NameValidation: model.UTF8Validation, Labels: 128})
	require.EqualError(t, err, "cannot read grouping key: 100000 labels in the path; limits.grouping_labels_per_key is 128")

	_, err = groupingkey.Parse("job/x/"+strings.Repeat("l", 1<<20), groupingkey.Options{NameValidation: model.UTF8Validation})
	assert.Less(t, len(err.Error()), 500)
}

func TestLimits(t *testing.T) {
	o := groupingkey.Options{NameValidation: model.UTF8Validation, Labels: 2, LabelName: 3, LabelValue: 4}
	f := func(path, want string) {
		t.Helper()
		_, err := groupingkey.Parse(path, o)
		if want == "" {
			require.NoError(t, err)
			return
		}
		require.EqualError(t, err, "cannot read grouping key: "+want)
		var limit *groupingkey.LimitError
		require.ErrorAs(t, err, &limit)
	}
	f("job/1234/abc/1234/b/2", "")
	f("job/x/a/1/b/2/a/3", "")
	f("job/x/a/1/b/2/c/3", "3 labels in the path; limits.grouping_labels_per_key is 2")
	f("job/12345", `5 bytes in the value of label "job"; limits.label_value_length is 4`)
	f("job/x/l/12345", `5 bytes in the value of label "l"; limits.label_value_length is 4`)
	f("job/x/abcd/1", `4 bytes in label name "abcd"; limits.label_name_length is 3`)
	f("job/x/U__abc_2e_/1", `4 bytes in label name "abc."; limits.label_name_length is 3`)
}

func FuzzParse(f *testing.F) {
	for _, tc := range keyCases {
		f.Add(tc.path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, names := range []model.ValidationScheme{model.UTF8Validation, model.LegacyValidation} {
			key, err := groupingkey.Parse(path, groupingkey.Options{NameValidation: names})
			if err != nil {
				continue
			}
			assert.NotEmpty(t, key.Job)
			for i, l := range key.Labels {
				assert.True(t, names.IsValidLabelName(l.Name), l.Name)
				assert.True(t, model.LabelValue(l.Value).IsValid(), l.Value)
				assert.True(t, i == 0 || key.Labels[i-1].Name < l.Name, "sorted and each name once")
			}
		}
	})
}
