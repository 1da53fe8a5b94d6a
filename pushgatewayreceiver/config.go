package pushgatewayreceiver

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// Config is the configuration of the receiver: that of an HTTP server, and the settings of its own.
type Config struct {
	// ServerConfig has the settings of every HTTP server of the Collector: endpoint, tls, auth, and so on. It is named,
	// not embedded, because an embedded one would take over Unmarshal.
	ServerConfig confighttp.ServerConfig `mapstructure:",squash"`
	Settings     Settings                `mapstructure:",squash"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Settings are the settings that are the receiver's own.
type Settings struct {
	// PathPrefix is a path under which the routes are served, in addition to "/".
	PathPrefix string `mapstructure:"path_prefix"`
	// GroupingLabels says where the grouping labels other than job and instance go: "both" (the default), "resource" or
	// "datapoint".
	GroupingLabels string `mapstructure:"grouping_labels"`
	// Timestamps says what becomes of explicit timestamps: "honor" (the default without groups), "ignore" or "reject" (the default
	// with groups, which cannot honor them).
	Timestamps string `mapstructure:"timestamps"`
	// NameValidation says which metric and label names are valid: "utf8" (the default) or "legacy".
	NameValidation string `mapstructure:"name_validation"`
	// NativeHistograms says what becomes of native histograms: "honor" (the default), or "ignore", which takes the classic
	// buckets of the same histogram.
	NativeHistograms string `mapstructure:"native_histograms"`
	// Lenient accepts what clients often get wrong in text bodies: lines that end in CR LF, a last line without newline, a
	// byte order mark.
	Lenient bool `mapstructure:"lenient"`
	// TrimMetricSuffixes drops unit and _total suffixes from metric names.
	TrimMetricSuffixes bool `mapstructure:"trim_metric_suffixes"`
	// PushTimeMetrics adds push_time_seconds to each push, and sends push_failure_time_seconds for each refused one.
	PushTimeMetrics bool `mapstructure:"push_time_metrics"`
	// OnDelete says how DELETE is answered without groups: "reject" (405, the default) or "accept" (202, although there is
	// nothing to delete).
	OnDelete string `mapstructure:"on_delete"`
	// Groups holds what was pushed. It is off unless it is present.
	Groups configoptional.Optional[Groups] `mapstructure:"groups"`
	// Limits keep one client from taking what all share.
	Limits Limits `mapstructure:"limits"`
	// StatusPage shows what was pushed lately, and what was refused. It is off unless it is present.
	StatusPage configoptional.Optional[StatusPage] `mapstructure:"status_page"`
	// Telemetry is about the receiver's own metrics.
	Telemetry Telemetry `mapstructure:"telemetry"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// The values of the settings that have a choice.
const (
	groupingLabelsBoth      = "both"
	groupingLabelsResource  = "resource"
	groupingLabelsDatapoint = "datapoint"

	timestampsHonor  = "honor"
	timestampsIgnore = "ignore"
	timestampsReject = "reject"

	nativeHistogramsHonor  = "honor"
	nativeHistogramsIgnore = "ignore"

	nameValidationUTF8   = "utf8"
	nameValidationLegacy = "legacy"

	onDeleteReject = "reject"
	onDeleteAccept = "accept"
)

var _ confmap.Unmarshaler = (*Config)(nil)

// serverConfig has no Unmarshal.
type serverConfig confighttp.ServerConfig

// Unmarshal refuses keys that do not exist. confighttp.ServerConfig cannot: it is made to be squashed among the keys
// of others, so it passes over all that it does not know, and thereby hides them from its neighbours.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	known := struct {
		ServerConfig serverConfig `mapstructure:",squash"`
		Settings     Settings     `mapstructure:",squash"`
	}{}
	if err := conf.Unmarshal(&known); err != nil {
		return err
	}
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	if c.Settings.Groups.HasValue() && !conf.IsSet("timestamps") {
		c.Settings.Timestamps = timestampsReject
	}
	return nil
}

// Validate refuses what cannot work.
func (c *Config) Validate() error {
	var errs []error
	if c.ServerConfig.NetAddr.Endpoint == "" {
		errs = append(errs, errors.New(`endpoint is empty: it must be an address to listen on, as in "localhost:9091"`))
	}
	for _, encoding := range c.encodings() {
		if !slices.Contains(allEncodings, encoding) {
			errs = append(errs, fmt.Errorf("compression_algorithms has %q: it may have %q", encoding, allEncodings))
		}
	}
	s := &c.Settings
	errs = append(errs, validatePathPrefix(s.PathPrefix),
		oneOf("grouping_labels", s.GroupingLabels, groupingLabelsBoth, groupingLabelsResource, groupingLabelsDatapoint),
		oneOf("timestamps", s.Timestamps, timestampsHonor, timestampsIgnore, timestampsReject),
		oneOf("native_histograms", s.NativeHistograms, nativeHistogramsHonor, nativeHistogramsIgnore),
		oneOf("name_validation", s.NameValidation, nameValidationUTF8, nameValidationLegacy),
		oneOf("on_delete", s.OnDelete, onDeleteReject, onDeleteAccept))
	errs = append(errs, s.Limits.validate()...)
	errs = append(errs, s.Telemetry.validate())
	if page := s.StatusPage.Get(); page != nil {
		errs = append(errs, page.validate(s.Groups.HasValue())...)
	}
	if held := s.Groups.Get(); held != nil {
		errs = append(errs, held.validate()...)
		if s.Timestamps == timestampsHonor {
			errs = append(errs, errors.New("timestamps is honor: with groups it must be reject or ignore, because what a group holds is sent again with new times"))
		}
	}
	return errors.Join(errs...)
}

func oneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s is %q: it must be one of %s", key, value, strings.Join(allowed, ", "))
}

// pathPrefix has the characters of a path segment in RFC 3986, section 3.3, without percent-encoding.
var pathPrefix = regexp.MustCompile(`^(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*/?$`)

func validatePathPrefix(prefix string) error {
	if !pathPrefix.MatchString(prefix) {
		return fmt.Errorf(`path_prefix is %q: it must be empty, or a path such as "/pushgateway"`, prefix)
	}
	for _, taken := range []string{"/metrics/job/", "/metrics/job@base64/", "/-/"} {
		if strings.HasPrefix(prefix+"/", taken) {
			return fmt.Errorf("path_prefix is %q: it must not begin with %s, which is served at the root", prefix, taken)
		}
	}
	return nil
}

// encodings are those that are accepted; the empty one stands for none.
func (c *Config) encodings() []string {
	if c.ServerConfig.CompressionAlgorithms == nil {
		return allEncodings
	}
	return c.ServerConfig.CompressionAlgorithms
}

func (s *Settings) validationScheme() model.ValidationScheme {
	if s.NameValidation == nameValidationLegacy {
		return model.LegacyValidation
	}
	return model.UTF8Validation
}

func (s *Settings) decodeOptions() exposition.Options {
	return exposition.Options{
		NameValidation: s.validationScheme(),
		Lenient:        s.Lenient,
		IgnoreNative:   s.NativeHistograms == nativeHistogramsIgnore,
		Limits:         s.Limits.forBodies(),
	}
}

func (s *Settings) translateOptions(scopeName string) translate.Options {
	return translate.Options{
		GroupingLabels: map[string]translate.Placement{
			groupingLabelsBoth:      translate.OnBoth,
			groupingLabelsResource:  translate.OnResource,
			groupingLabelsDatapoint: translate.OnDatapoints,
		}[s.GroupingLabels],
		Timestamps: map[string]translate.TimestampPolicy{
			timestampsHonor:  translate.HonorTimestamps,
			timestampsIgnore: translate.IgnoreTimestamps,
			timestampsReject: translate.RejectTimestamps,
		}[s.Timestamps],
		TrimMetricSuffixes: s.TrimMetricSuffixes,
		PushTimeMetrics:    s.PushTimeMetrics,
		ScopeName:          scopeName,
		Samples:            s.Limits.SamplesPerPush,
	}
}
