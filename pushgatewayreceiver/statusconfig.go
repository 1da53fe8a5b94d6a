package pushgatewayreceiver

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
)

// Telemetry are the settings of the receiver's own metrics.
type Telemetry struct {
	// JobNames is how many jobs have their name in the metric of the pushes of each job. The others are "_other". 0: there is no
	// such metric.
	JobNames int `mapstructure:"job_names"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// maxJobNames leaves each job more than one of maxJobSets.
const maxJobNames = 1000

func (t *Telemetry) validate() error {
	if t.JobNames < 0 || t.JobNames > maxJobNames {
		return fmt.Errorf("telemetry.job_names is %d: it must be between 0 and %d", t.JobNames, maxJobNames)
	}
	return nil
}

// StatusPage are the settings of the page that shows the groups that pushed lately, and the last refusals.
type StatusPage struct {
	// Server is for a page at an address of its own. Without it the page is at that of the receiver, with its TLS and
	// authentication.
	Server configoptional.Optional[PageServer] `mapstructure:"server"`
	// MaxGroups is how many groups are known. Those that pushed longest ago make room.
	MaxGroups int `mapstructure:"max_groups"`
	// MaxRefusals is how many refusals are known.
	MaxRefusals int `mapstructure:"max_refusals"`
	// ShowExcerpts shows of a refused body what is wrong in it, cut at 100 bytes.
	ShowExcerpts bool `mapstructure:"show_excerpts"`
	// AllowDelete puts a button on the page of a group that is held, which deletes it. Whoever may see the page may press it.
	AllowDelete bool `mapstructure:"allow_delete"`

	// prevent unkeyed literal initialization
	_ struct{}
}

const (
	defaultMaxGroups   = 20_000
	defaultMaxRefusals = 500
	// maxEntries is 300 MiB at most. A view of the page looks at all of them, while pushes wait: some milliseconds.
	maxEntries = 100_000
)

func defaultStatusPage() StatusPage {
	return StatusPage{
		Server:      configoptional.Default(PageServer{ServerConfig: confighttp.NewDefaultServerConfig()}),
		MaxGroups:   defaultMaxGroups,
		MaxRefusals: defaultMaxRefusals,
	}
}

// validate returns what is wrong with each key. holds says that there are groups to delete.
func (p *StatusPage) validate(holds bool) []error {
	var errs []error
	if p.AllowDelete && !holds {
		errs = append(errs, errors.New("status_page.allow_delete is true: without groups nothing is held, so there is nothing to delete"))
	}
	within := func(key string, value int) {
		if value < 1 || value > maxEntries {
			errs = append(errs, fmt.Errorf("status_page.%s is %d: it must be between 1 and %d", key, value, maxEntries))
		}
	}
	within("max_groups", p.MaxGroups)
	within("max_refusals", p.MaxRefusals)
	if p.Server.HasValue() && p.Server.Get().ServerConfig.NetAddr.Endpoint == "" {
		errs = append(errs, errors.New(`status_page.server.endpoint is empty: it must be an address to listen on, as in "localhost:9092"`))
	}
	return errs
}

// PageServer is the configuration of the HTTP server of a status page.
type PageServer struct {
	ServerConfig confighttp.ServerConfig `mapstructure:",squash"`

	// prevent unkeyed literal initialization
	_ struct{}
}

var _ confmap.Unmarshaler = (*PageServer)(nil)

// Unmarshal refuses keys that do not exist, as that of Config.
func (s *PageServer) Unmarshal(conf *confmap.Conf) error {
	var known serverConfig
	if err := conf.Unmarshal(&known); err != nil {
		return err
	}
	return conf.Unmarshal(s)
}
