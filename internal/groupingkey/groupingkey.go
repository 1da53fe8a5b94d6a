// Package groupingkey reads the grouping key of a push from the path of its URL.
package groupingkey

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// A Key identifies a group: the job and the other grouping labels.
type Key struct {
	Job    string
	Labels []Label // sorted by name, each name once, without job
}

// A Label is a grouping label. Its value may be empty.
type Label struct{ Name, Value string }

// Label returns the value of a grouping label; job is one of them.
func (k Key) Label(name string) (labelValue string, ok bool) {
	if name == model.JobLabel {
		return k.Job, true
	}
	i, ok := slices.BinarySearchFunc(k.Labels, name, func(l Label, name string) int { return strings.Compare(l.Name, name) })
	if !ok {
		return "", false
	}
	return k.Labels[i].Value, true
}

// String returns the key as Prometheus writes labels, as in {job="backup",instance="db1"}.
func (k Key) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "{job=%q", k.Job)
	for _, l := range k.Labels {
		fmt.Fprintf(&b, ",%s=%q", l.Name, l.Value)
	}
	b.WriteByte('}')
	return b.String()
}

// separator is in no job, name or value: it is no UTF-8.
const separator = 0xff

// Identity returns what tells the group from all others. Labels without value do not: the series are the same.
func (k Key) Identity() []byte {
	identity := []byte(k.Job)
	for _, l := range k.Labels {
		if l.Value != "" {
			identity = append(append(identity, separator), l.Name...)
			identity = append(append(identity, separator), l.Value...)
		}
	}
	return identity
}

// An Error says why a path is not a grouping key. It names the segment at fault.
type Error struct{ Err error }

func (e *Error) Error() string { return "cannot read grouping key: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Options are the settings of Parse. A limit of 0 is none.
type Options struct {
	// NameValidation says which label names are valid.
	NameValidation model.ValidationScheme
	// Labels is how many labels a key may have, without the job: each goes to every datapoint of the push.
	Labels int
	// LabelName and LabelValue are how many bytes a label's name and value may have. The job is a value too.
	LabelName, LabelValue int
}

// A LimitError says that a key is beyond a limit. It comes inside of an Error.
type LimitError struct {
	What          string // as in "labels in the path"
	Actual, Limit int
	Setting       string // what the limit is called in the configuration
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%d %s; limits.%s is %d", e.Actual, e.What, e.Setting, e.Limit)
}

// base64Suffix marks a name whose value is encoded: https://github.com/prometheus/pushgateway#url.
const base64Suffix = "@base64"

// Parse reads a key from the part of an escaped URL path that begins with the job.
//
//	key   = "job" [ "@base64" ] "/" value { "/" label }
//	label = name [ "@base64" ] "/" value | ""
//
// The path is split first and each segment percent-decoded after, so %2F is part of a value. With @base64 the value
// is base64 with the URL-safe alphabet, with or without padding; "=" alone is the empty value. An empty segment where
// a value stands is the empty value, and where a name stands it is passed over, so a slash at the end does no harm. A
// name that begins with U__ is an escaped UTF-8 name if o.NameValidation allows such. As in the Pushgateway the last of several
// labels of one name wins, and the job wins over a label job.
func Parse(path string, o Options) (Key, error) {
	key, err := parse(path, o)
	if err != nil {
		return Key{}, &Error{Err: err}
	}
	return key, nil
}

func parse(path string, o Options) (Key, error) {
	segments := strings.Split(path, "/")
	job, err := segment(segments[0])
	if err != nil {
		return Key{}, err
	}
	if len(segments) == 1 {
		return Key{}, errJobMissing
	}
	_, encoded := strings.CutSuffix(job, base64Suffix)
	key := Key{}
	if key.Job, err = value(model.JobLabel, segments[1], encoded); err != nil {
		return Key{}, err
	}
	if key.Job == "" {
		return Key{}, errJobMissing
	}
	for rest := segments[2:]; len(rest) > 0; {
		if rest[0] == "" {
			rest = rest[1:]
			continue
		}
		if len(rest) == 1 {
			return Key{}, fmt.Errorf("label %s has no value: the path must be job/<job>{/<label>/<value>}, and an empty value is written %s",
				quote(rest[0]), quote(rest[0]+base64Suffix+"/="))
		}
		l, err := label(rest[0], rest[1], o.NameValidation)
		if err != nil {
			return Key{}, err
		}
		key.Labels = append(key.Labels, l)
		rest = rest[2:]
	}
	key.Labels = sortLabels(key.Labels)
	return key, o.check(key)
}

// check refuses a key that is beyond a limit.
func (o *Options) check(key Key) error {
	if o.Labels > 0 && len(key.Labels) > o.Labels {
		return &LimitError{What: "labels in the path", Actual: len(key.Labels), Limit: o.Labels, Setting: "grouping_labels_per_key"}
	}
	if err := o.checkValue(model.JobLabel, key.Job); err != nil {
		return err
	}
	for _, l := range key.Labels {
		if o.LabelName > 0 && len(l.Name) > o.LabelName {
			return &LimitError{What: "bytes in label name " + quote(l.Name), Actual: len(l.Name), Limit: o.LabelName, Setting: "label_name_length"}
		}
		if err := o.checkValue(l.Name, l.Value); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) checkValue(name, value string) error {
	if o.LabelValue == 0 || len(value) <= o.LabelValue {
		return nil
	}
	return &LimitError{What: "bytes in the value of label " + quote(name), Actual: len(value), Limit: o.LabelValue, Setting: "label_value_length"}
}

var errJobMissing = errors.New("job name is required")

// sortLabels sorts by name, keeps the last label of each name, and drops job.
func sortLabels(labels []Label) []Label {
	slices.SortStableFunc(labels, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	kept := labels[:0]
	for i, l := range labels {
		last := i+1 == len(labels) || labels[i+1].Name != l.Name
		if last && l.Name != model.JobLabel {
			kept = append(kept, l)
		}
	}
	return kept
}

func label(rawName, rawValue string, names model.ValidationScheme) (Label, error) {
	name, err := segment(rawName)
	if err != nil {
		return Label{}, err
	}
	name, encoded := strings.CutSuffix(name, base64Suffix)
	if names == model.UTF8Validation {
		name = model.UnescapeName(name, model.ValueEncodingEscaping)
	}
	switch {
	case !names.IsValidLabelName(name):
		return Label{}, fmt.Errorf("improper label name %s (name_validation is %s)", quote(name), names)
	case strings.HasPrefix(name, model.ReservedLabelPrefix):
		return Label{}, fmt.Errorf("improper label name %s: names with %s in front are reserved", quote(name), model.ReservedLabelPrefix)
	}
	v, err := value(name, rawValue, encoded)
	return Label{Name: name, Value: v}, err
}

func value(name, raw string, encoded bool) (string, error) {
	v, err := segment(raw)
	if err != nil {
		return "", fmt.Errorf("value of label %s: %w", quote(name), err)
	}
	if !encoded {
		return v, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(v, "="))
	if err != nil {
		return "", fmt.Errorf("invalid base64 encoding for label %s=%s: %w", name, quote(v), err)
	}
	if !utf8.Valid(decoded) {
		return "", fmt.Errorf("value of label %s is not UTF-8: %s", quote(name), quote(string(decoded)))
	}
	return string(decoded), nil
}

// segment decodes one segment of the path. A plus sign is a plus sign.
func segment(raw string) (string, error) {
	s, err := url.PathUnescape(raw)
	if err != nil {
		return "", fmt.Errorf("segment %s: %w", quote(raw), err)
	}
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("segment %s is not UTF-8", quote(s))
	}
	return s, nil
}

// quote cuts what it quotes: a segment may be up to 1 MiB long.
func quote(s string) string {
	const maxQuoted = 100
	if len(s) > maxQuoted {
		return fmt.Sprintf("%q...", s[:maxQuoted])
	}
	return fmt.Sprintf("%q", s)
}
