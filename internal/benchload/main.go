// Command benchload measures what a push costs: it drives this repository's receiver in the built Collector, and beside
// it other servers that take the same metrics, with the same pushes over loopback.
//
//	go run ./internal/benchload -collector bin/otelcol-pushgateway
//
// CPU time and memory are those of the server's process alone, from /proc, so it runs on Linux only. The servers take
// turns within each round, so that a noisy machine troubles all of them alike; the figures are medians over the rounds.
//
//	go run ./internal/benchload groups -collector bin/otelcol-pushgateway
//
// measures groups mode: what it costs to hold 10,000 groups, to push to them, to republish them and to read them again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

func main() {
	if err := run(); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "benchload:", err)
		os.Exit(1)
	}
}

// run returns when all processes that it started have ended.
func run() error {
	if len(os.Args) == 3 {
		if serve := ownServers[os.Args[1]]; serve != nil {
			return serve(context.Background(), os.Args[2])
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if len(os.Args) > 1 && os.Args[1] == "groups" {
		return runGroups(ctx, os.Args[2:])
	}
	s, err := parseFlags(os.Args[1:])
	if err != nil {
		return err
	}
	facts, err := describe(ctx, s)
	if err != nil {
		return err
	}
	r, err := measureAll(ctx, s)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if len(r.rows) > 0 {
		err = errors.Join(err, r.write(os.Stdout, facts))
	}
	return err
}

// settings are the flags.
type settings struct {
	collector   string // path
	vmagent     string // path
	pushgateway string // path
	duration    time.Duration
	preload     time.Duration
	rounds      int
	connections int
	bodies      []string // names of data sets
	encodings   []string
	servers     []string
	// republishing is the interval, in groups mode.
	republishing time.Duration
}

func (s settings) drives(server string) bool { return slices.Contains(s.servers, server) }

// The encodings of a body.
const (
	plain   = "plain"
	gzipped = "gzip"
)

func parseFlags(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("benchload", flag.ContinueOnError)
	s.addCollector(flags)
	flags.StringVar(&s.vmagent, "vmagent", "/usr/bin/vmagent", "path of vmagent (Debian: victoria-metrics)")
	flags.StringVar(&s.pushgateway, "pushgateway", "/usr/bin/prometheus-pushgateway", "path of the Pushgateway (Debian: prometheus-pushgateway)")
	flags.DurationVar(&s.preload, "preload", 5*time.Second, "for how long groups are pushed to the Pushgateway beforehand, at most")
	s.addRounds(flags, 3, time.Second)
	list := func(dest *[]string, name string, all []string, usage string) {
		*dest = all
		flags.Func(name, usage+", with commas between: "+strings.Join(all, ",")+" (default all)", func(value string) error {
			*dest = strings.Split(value, ",")
			for _, v := range *dest {
				if !slices.Contains(all, v) {
					return fmt.Errorf("%q is none of them", v)
				}
			}
			return nil
		})
	}
	list(&s.bodies, "bodies", dataset.Names(), "what is pushed")
	list(&s.encodings, "encodings", []string{plain, gzipped}, "how it is encoded")
	list(&s.servers, "servers", serverNames(), "who gets it")
	return s.parse(flags, args)
}

func (s *settings) addCollector(flags *flag.FlagSet) {
	flags.StringVar(&s.collector, "collector", "bin/otelcol-pushgateway",
		"path of the Collector, with the receivers pushgateway and otlp, the exporter nop, and the extensions file_storage and pprof")
}

func (s *settings) addRounds(flags *flag.FlagSet, rounds int, duration time.Duration) {
	flags.DurationVar(&s.duration, "duration", duration, "for how long a server is driven in a round")
	flags.IntVar(&s.rounds, "rounds", rounds, "how often each server is driven with each body")
	flags.IntVar(&s.connections, "connections", 8, "how many clients push at the same time")
}

// parse returns the settings when the flags have set them.
func (s *settings) parse(flags *flag.FlagSet, args []string) (settings, error) {
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("cannot use argument %q: there are flags only", flags.Arg(0))
	}
	if s.duration <= 0 || s.rounds < 1 || s.connections < 1 {
		return settings{}, errors.New("duration, rounds and connections must be positive")
	}
	return *s, nil
}
