package pushgatewayreceiver

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

func loadConfig(t *testing.T, name string) (*Config, error) {
	conf, err := confmaptest.LoadConf(filepath.Join("..", "testdata", "config", name))
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	return cfg, conf.Unmarshal(cfg)
}

func TestDefaultConfig(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, confmap.New().Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	assert.Equal(t, "localhost:9091", cfg.ServerConfig.NetAddr.Endpoint)
	assert.Equal(t, 20*time.Second, cfg.ServerConfig.ReadTimeout)
	assert.Equal(t, Settings{
		PathPrefix: "/pushgateway", GroupingLabels: "both", Timestamps: "honor", NativeHistograms: "honor", NameValidation: "utf8",
		PushTimeMetrics: true, OnDelete: "reject",
		Limits: Limits{
			SamplesPerPush: 100_000, LabelsPerSample: 256, MetricNameLength: 1024, LabelNameLength: 1024, LabelValueLength: 16384,
			GroupingLabelsPerKey: 128, PushesPerSecondPerJob: 10_000, InFlightMiB: 64, InFlightWait: time.Second,
		},
		Groups: cfg.Settings.Groups, StatusPage: cfg.Settings.StatusPage,
	}, cfg.Settings)
	assert.Equal(t, exposition.Options{
		NameValidation: model.UTF8Validation,
		Limits:         exposition.Limits{Labels: 256, MetricName: 1024, LabelName: 1024, LabelValue: 16384},
	}, cfg.Settings.decodeOptions())
	assert.Equal(t, translate.Options{
		GroupingLabels: translate.OnBoth, PushTimeMetrics: true, ScopeName: "s", Samples: 100_000,
	}, cfg.Settings.translateOptions("s"))
}

func TestFullConfig(t *testing.T) {
	cfg, err := loadConfig(t, "full.yaml")
	require.NoError(t, err)
	require.NoError(t, confmap.Validate(cfg))
	assert.Equal(t, "localhost:1234", cfg.ServerConfig.NetAddr.Endpoint)
	assert.Equal(t, int64(1000), cfg.ServerConfig.MaxRequestBodySize)
	assert.Equal(t, "server.crt", cfg.ServerConfig.TLS.Get().CertFile)
	assert.Equal(t, 5*time.Second, cfg.ServerConfig.IdleTimeout) //nolint:staticcheck // keepalive is folded into it
	assert.Equal(t, Settings{
		PathPrefix: "/push/gateway", GroupingLabels: "datapoint", Timestamps: "ignore", NativeHistograms: "ignore", NameValidation: "legacy",
		Lenient: true, TrimMetricSuffixes: true, OnDelete: "accept",
		Limits: Limits{
			SamplesPerPush: 1, LabelsPerSample: 2, MetricNameLength: 3, LabelNameLength: 4, LabelValueLength: 5,
			GroupingLabelsPerKey: 6, PushesPerSecondPerJob: 7, InFlightMiB: 8, InFlightWait: 9 * time.Millisecond,
		},
		Groups:     cfg.Settings.Groups,     // see TestGroupsConfig
		StatusPage: cfg.Settings.StatusPage, // see TestStatusPageConfig
		Telemetry:  Telemetry{JobNames: 12},
	}, cfg.Settings)
	assert.Equal(t, exposition.Options{
		NameValidation: model.LegacyValidation, Lenient: true, IgnoreNative: true,
		Limits: exposition.Limits{Labels: 2, MetricName: 3, LabelName: 4, LabelValue: 5},
	}, cfg.Settings.decodeOptions())
	assert.Equal(t, groupingkey.Options{NameValidation: model.LegacyValidation, Labels: 6, LabelName: 4, LabelValue: 5}, cfg.Settings.keyOptions())
	assert.Equal(t, translate.Options{
		GroupingLabels: translate.OnDatapoints, Timestamps: translate.IgnoreTimestamps, TrimMetricSuffixes: true, ScopeName: "s", Samples: 1,
	}, cfg.Settings.translateOptions("s"))
}

func TestUnknownKeysAreRefused(t *testing.T) {
	_, err := loadConfig(t, "unknown-key.yaml")
	require.ErrorContains(t, err, "invalid keys: grouping_label")
	_, err = loadConfig(t, "unknown-nested-key.yaml")
	require.ErrorContains(t, err, "invalid keys: certificate_file")
	_, err = loadConfig(t, "unknown-limit.yaml")
	require.ErrorContains(t, err, "invalid keys: samples")
	_, err = loadConfig(t, "unknown-page.yaml")
	require.ErrorContains(t, err, "invalid keys: groups")
	_, err = loadConfig(t, "unknown-page-server.yaml")
	require.ErrorContains(t, err, "invalid keys: show_excerpts")
	_, err = loadConfig(t, "unknown-group-key.yaml")
	require.ErrorContains(t, err, "invalid keys: interval")
}

func TestImpossibleValuesAreRefused(t *testing.T) {
	cfg, err := loadConfig(t, "impossible.yaml")
	require.NoError(t, err)
	assert.EqualError(t, cfg.Validate(), `endpoint is empty: it must be an address to listen on, as in "localhost:9091"
compression_algorithms has "br": it may have ["" "gzip" "zstd" "zlib" "snappy" "deflate" "lz4" "x-snappy-framed"]
path_prefix is "pushgateway": it must be empty, or a path such as "/pushgateway"
grouping_labels is "none": it must be one of both, resource, datapoint
timestamps is "drop": it must be one of honor, ignore, reject
native_histograms is "classic": it must be one of honor, ignore
name_validation is "utf-8": it must be one of utf8, legacy
on_delete is "ignore": it must be one of reject, accept
limits.samples_per_push is 0: it must be at least 1
limits.labels_per_sample is 0: it must be at least 1
limits.metric_name_length is -1: it must be at least 1
limits.label_name_length is 0: it must be at least 1
limits.label_value_length is 0: it must be at least 1
limits.grouping_labels_per_key is 0: it must be at least 1
limits.pushes_per_second_per_job is -1: it must be at least 0
limits.in_flight_mib is 1048577: it must be at most 1048576
limits.in_flight_wait is -1s: it must not be negative
telemetry.job_names is 1001: it must be between 0 and 1000`)
}

func TestStatusPageConfig(t *testing.T) {
	page := func(status map[string]any) *StatusPage {
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, cfg.Unmarshal(confFrom(status)))
		require.NoError(t, confmap.Validate(cfg))
		return cfg.Settings.StatusPage.Get()
	}
	assert.Nil(t, page(nil), "it is off")
	assert.Nil(t, page(map[string]any{"status_page": map[string]any{"enabled": false}}))
	for _, nothing := range []any{nil, map[string]any{}} {
		on := page(map[string]any{"status_page": nothing})
		require.NotNil(t, on, "its key turns it on")
		assert.False(t, on.Server.HasValue())
		assert.False(t, on.ShowExcerpts)
		assert.False(t, on.AllowDelete)
		assert.Equal(t, [2]int{20_000, 500}, [2]int{on.MaxGroups, on.MaxRefusals})
	}
	cfg, err := loadConfig(t, "full.yaml")
	require.NoError(t, err)
	full := cfg.Settings.StatusPage.Get()
	assert.True(t, full.ShowExcerpts)
	assert.True(t, full.AllowDelete)
	assert.Equal(t, [2]int{10, 11}, [2]int{full.MaxGroups, full.MaxRefusals})
	server := full.Server.Get().ServerConfig
	assert.Equal(t, "localhost:1235", server.NetAddr.Endpoint)
	assert.Equal(t, "page.crt", server.TLS.Get().CertFile)
	assert.Equal(t, 30*time.Second, server.WriteTimeout, "it has the defaults of confighttp")
	cfg, err = loadConfig(t, "impossible-page.yaml")
	require.NoError(t, err)
	assert.EqualError(t, confmap.Validate(cfg), `status_page.allow_delete is true: without groups nothing is held, so there is nothing to delete
status_page.max_groups is 0: it must be between 1 and 100000
status_page.max_refusals is 100001: it must be between 1 and 100000
status_page.server.endpoint is empty: it must be an address to listen on, as in "localhost:9092"`)
}

func TestGroupsConfig(t *testing.T) {
	settings := func(values map[string]any) Settings {
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, cfg.Unmarshal(confFrom(values)))
		require.NoError(t, confmap.Validate(cfg))
		return cfg.Settings
	}
	off := settings(map[string]any{"groups": map[string]any{"enabled": false}})
	assert.False(t, off.Groups.HasValue())
	assert.Equal(t, timestampsHonor, off.Timestamps)
	for _, nothing := range []any{nil, map[string]any{}} {
		on := settings(map[string]any{"groups": nothing})
		require.True(t, on.Groups.HasValue(), "its key turns it on")
		assert.Equal(t, timestampsReject, on.Timestamps, "nothing else can be with groups by default")
		assert.Equal(t, Groups{
			TTL: 72 * time.Hour, RepublishInterval: time.Minute, MaxGroups: 10_000, MaxSeries: 1_000_000, MaxMiB: 1024,
		}, *on.Groups.Get())
	}
	assert.Equal(t, timestampsIgnore, settings(map[string]any{"groups": nil, "timestamps": "ignore"}).Timestamps)
	settings(map[string]any{"groups": map[string]any{"ttl": 0, "republish_interval": 0}})

	cfg, err := loadConfig(t, "full.yaml")
	require.NoError(t, err)
	storage := component.MustNewIDWithName("file_storage", "groups")
	assert.Equal(t, Groups{
		TTL: 13 * time.Hour, RepublishInterval: 14 * time.Second, MaxGroups: 15, MaxSeries: 16, MaxMiB: 17, Storage: &storage,
	}, *cfg.Settings.Groups.Get())
	cfg, err = loadConfig(t, "impossible-groups.yaml")
	require.NoError(t, err)
	assert.EqualError(t, confmap.Validate(cfg), `groups.ttl is 10ms: it must be at least 1s, or 0 for never
groups.republish_interval is 50ms: it must be at least 100ms, or 0 for never
groups.republish_interval is 50ms: it must not be longer than groups.ttl, which is 10ms, or 0 for never
groups.max_groups is 0: it must be between 1 and 1073741824
groups.max_series is -1: it must be between 1 and 1073741824
groups.max_mib is 2000000000: it must be between 1 and 1073741824
timestamps is honor: with groups it must be reject or ignore, because what a group holds is sent again with new times`)
}

func TestChallenge(t *testing.T) {
	f := func(authenticator, want string) {
		t.Helper()
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, cfg.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": authenticator}})))
		assert.Equal(t, want, challengeOf(&cfg.ServerConfig))
	}
	f("basicauth", `Basic realm="pushgateway", charset="UTF-8"`)
	f("basicauth/server", `Basic realm="pushgateway", charset="UTF-8"`)
	f("bearertokenauth/x", `Bearer realm="pushgateway"`)
	f("someauth", "")
	assert.Empty(t, challengeOf(&createDefaultConfig().(*Config).ServerConfig))
}

func TestPathPrefix(t *testing.T) {
	f := func(prefix, want string) {
		t.Helper()
		err := validatePathPrefix(prefix)
		if want == "" {
			assert.NoError(t, err)
			return
		}
		assert.EqualError(t, err, want)
	}
	f("", "")
	f("/", "")
	f("/a", "")
	f("/a/b-c/", "")
	f("/metrics", "")
	f("/metrics/jobs", "")
	f("a", `path_prefix is "a": it must be empty, or a path such as "/pushgateway"`)
	f("//a", `path_prefix is "//a": it must be empty, or a path such as "/pushgateway"`)
	f("/a?b", `path_prefix is "/a?b": it must be empty, or a path such as "/pushgateway"`)
	f("/%2F", `path_prefix is "/%2F": it must be empty, or a path such as "/pushgateway"`)
	f("/metrics/job", `path_prefix is "/metrics/job": it must not begin with /metrics/job/, which is served at the root`)
	f("/-/x", `path_prefix is "/-/x": it must not begin with /-/, which is served at the root`)
}
